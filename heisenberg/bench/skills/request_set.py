"""A set of requests to skills that no sentence fits, and of talk, and reading it from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from heisenberg.bench.llm.answer_check import Text
from heisenberg.bench.llm.questions import Language, Name
from heisenberg.bench.skills.command_set import Others, Value
from heisenberg.bench.skills.sentence_set import read_set

_STRICT: Final = ConfigDict(frozen=True, extra="forbid")

CallName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.[a-z0-9_]+$")]
"""A skill and its action."""


class Asked(BaseModel):
    """One request: any of ``calls`` will do, and these ``values`` must have been understood."""

    model_config = _STRICT

    say: Text
    calls: Annotated[tuple[CallName, ...], Field(min_length=1)]
    values: tuple[Value, ...] = ()


class Requests(BaseModel):
    """Requests of one kind."""

    model_config = _STRICT

    language: Language
    category: Name
    said: Annotated[tuple[Asked, ...], Field(min_length=1)]


class RequestSet(BaseModel):
    """``talk`` is what wants nothing done."""

    model_config = _STRICT

    requests: Annotated[tuple[Requests, ...], Field(min_length=1)]
    talk: tuple[Others, ...] = ()


def load_requests(file: Path) -> RequestSet:
    """Read a set. Raises ``ConfigError`` with the file and what is wrong with it."""
    return read_set(RequestSet, file, "requests", "requests.toml")
