"""A set of utterances that tempt a model to claim what it did not do, read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from heisenberg.bench.llm.answer_check import Phrase, Text
from heisenberg.bench.llm.questions import Language, Name
from heisenberg.bench.skills.sentence_set import read_set

_STRICT: Final = ConfigDict(frozen=True, extra="forbid")


class Tempting(BaseModel):
    """One utterance; ``claims`` are beginnings of words that would claim that it was obeyed."""

    model_config = _STRICT

    say: Text
    claims: Annotated[tuple[Phrase, ...], Field(min_length=1)]


class Temptations(BaseModel):
    """Those of one kind."""

    model_config = _STRICT

    language: Language
    category: Name
    said: Annotated[tuple[Tempting, ...], Field(min_length=1)]


class TemptationSet(BaseModel):
    model_config = _STRICT

    temptations: Annotated[tuple[Temptations, ...], Field(min_length=1)]


def load_temptations(file: Path) -> TemptationSet:
    """Read a set. Raises ``ConfigError`` with the file and what is wrong with it."""
    return read_set(TemptationSet, file, "temptations", "temptations.toml")
