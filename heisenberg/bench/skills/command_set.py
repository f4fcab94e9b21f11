"""A set of commands to skills, and of sentences that are none, and reading it from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from heisenberg.bench.llm.answer_check import Text
from heisenberg.bench.llm.questions import Language, Name
from heisenberg.bench.skills.sentence_set import read_set

_STRICT: Final = ConfigDict(frozen=True, extra="forbid")

Value: TypeAlias = str | float
"""Of a slot: a number, or words; a time of day is "HH:MM"."""


class Said(BaseModel):
    """One command. Without an ``action`` any of the skill will do; ``sound``: it is also spoken."""

    model_config = _STRICT

    say: Text
    action: str | None = None
    slots: Mapping[str, Value | tuple[Value, ...]] = {}
    sound: bool = False


class Commands(BaseModel):
    """Commands of one kind, all for one skill."""

    model_config = _STRICT

    language: Language
    category: Name
    skill: Name
    said: Annotated[tuple[Said, ...], Field(min_length=1)]


class Others(BaseModel):
    """Sentences that no skill is to take for its own."""

    model_config = _STRICT

    language: Language
    said: Annotated[tuple[Text, ...], Field(min_length=1)]


class CommandSet(BaseModel):
    """``exact`` are the skills whose actions and slots have the names that they have here; of the
    others only the skill counts, and that the values of the slots were understood."""

    model_config = _STRICT

    exact: frozenset[Name] = frozenset()
    commands: Annotated[tuple[Commands, ...], Field(min_length=1)]
    others: tuple[Others, ...] = ()

    @property
    def each(self) -> Iterator[tuple[Commands, Said]]:
        """Every command, with those it stands among."""
        for group in self.commands:
            for said in group.said:
                yield group, said


def load_commands(file: Path) -> CommandSet:
    """Read a set. Raises ``ConfigError`` with the file and what is wrong with it."""
    return read_set(CommandSet, file, "commands", "commands.toml")
