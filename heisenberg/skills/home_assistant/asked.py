"""Which words may stand for what in a home: ``prompts/<language>/skills/home.toml``.

What opens a way into it is kept apart from all else, whatever is said besides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.words import ENGLISH, read_table

NAME: Final = "home"

_MOST_WORDS: Final = 10
"""Of what is named. Who says more talks of something else."""
_MOST_OF_A_NAME: Final = 5
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Device:
    """A lamp, a blind, a room with all that is in it."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is no device, and for what opens a way in."""
        return cls(load_devices(language).device(text, "devices", "rooms"))


@dataclass(frozen=True, slots=True)
class Switched:
    """What can be on or off; people call it as they like: "the Christmas tree"."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` as ``Device`` does, but not for a short name of anything."""
        known, words = load_devices(language), bare_words(text).split()
        is_named = 1 < len(words) <= _MOST_OF_A_NAME and words[0] in known.words["articles"]
        return cls(known.device(text, "devices", "rooms", *(["articles"] if is_named else [])))


@dataclass(frozen=True, slots=True)
class Entrance:
    """What opens a way in: a door, a garage."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        return cls(load_devices(language).having(text, "entrances"))


@dataclass(frozen=True, slots=True)
class Guard:
    """What warns of burglars, by one of the names that it has."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        if not load_devices(language).lists("guards", [bare_words(text)]):
            raise ValueError(f"'{text}' guards nothing")
        return cls(text)


@dataclass(frozen=True, slots=True)
class Room:
    """Where something can be measured."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is no room."""
        return cls(load_devices(language).having(text, "rooms"))


@dataclass(frozen=True, slots=True)
class Value:
    """What something is set to: a number with its unit, a colour (``None`` is its unit)."""

    words: str
    unit: str | None = None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        known, said = load_devices(language), in_digits(text.lower(), language)
        if number := _NUMBER.match(said):
            unit = said[number.end() :]
            if bare_words(unit) and not known.lists("units", [bare_words(unit)]):
                raise ValueError(f"'{text}' has no unit")
            return cls(text, unit)
        if not known.lists("values", [bare_words(text)]):
            raise ValueError(f"'{text}' is no value")
        return cls(text)

    def after(self, other: Value) -> Value:
        """With the unit of ``other``, if it is a number without one."""
        return Value(f"{self.words}{other.unit}") if self.unit == "" and other.unit else self


@dataclass(frozen=True, slots=True)
class Coloured:
    """A device, and the colour that it is to have behind it: "the hall light blue"."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        known = load_devices(language)
        known.device(known.before(text, "values"), "devices", "rooms")
        return cls(text)


@dataclass(frozen=True, slots=True)
class State:
    """Something in the home, and how it may be, behind it: "the front door locked"."""

    words: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        known = load_devices(language)
        known.having(known.before(text, "states"), "devices", "entrances")
        return cls(text)


@dataclass(frozen=True, slots=True)
class _Known:
    """Words by the names of their lists in the file, all as ``bare_words`` writes them."""

    words: Mapping[str, frozenset[str]]

    def lists(self, name: str, words: Iterable[str]) -> bool:
        """Whether one of ``words`` is in that list."""
        return not self.words[name].isdisjoint(words)

    def having(self, text: str, *names: str) -> str:
        """``text``, if a word of it is in one of these lists. Raises ``ValueError``, for more than
        the name of something, too: "the door and open the garage"."""
        words = bare_words(text).split()
        if len(words) > _MOST_WORDS or self.lists("no_name", words):
            raise ValueError(f"'{text}' is no name")
        if not any(self.lists(name, words) for name in names):
            raise ValueError(f"'{text}' is none of {names}")
        return text

    def device(self, text: str, *names: str) -> str:
        """The same for what opens no way in. A lamp at the door is a lamp; "the lamp and the door"
        are two things."""
        words = bare_words(text).split()
        opens = self.lists("entrances", words)
        if opens and (self.lists("joints", words) or not self.lists("devices", words)):
            raise ValueError(f"'{text}' may open a way in")
        if self.lists("ours", words):
            raise ValueError(f"'{text}' is our own")
        return self.having(text, *names)

    def before(self, text: str, name: str) -> str:
        """What stands before the longest end that is in that list. Raises ``ValueError``."""
        parts = text.split()
        for at in range(1, len(parts)):
            if self.lists(name, [bare_words(" ".join(parts[at:]))]):
                return " ".join(parts[:at])
        raise ValueError(f"'{text}' does not end so")


@functools.cache
def load_devices(language: str) -> _Known:
    """Read the words, once. Raises ``ConfigError``."""
    table: Mapping[str, Any] = read_table(language, NAME) or read_table(ENGLISH, NAME)
    return _Known(
        {name: frozenset(map(bare_words, words)) for name, words in table["words"].items()}
    )
