"""Which day, and which place: ``prompts/<language>/skills/weather.toml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.words import ENGLISH, read_table

NAME: Final = "weather"

_MOST_WORDS: Final = 5
"""Of a place's name."""


@dataclass(frozen=True, slots=True)
class AskedDay:
    """So many days ahead, or the next such ``weekday`` (Monday is 0)."""

    STANDS_OUT: ClassVar[bool] = True
    """Its words can be told from those around them."""

    ahead: int = 0
    weekday: int | None = None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is no day that a forecast tells of."""
        words = load_days(language)
        rest = bare_words(text)
        while rest not in words.days:
            first, _, others = rest.partition(" ")
            if first not in words.before or not others:
                raise ValueError(f"'{text}' is no day")
            rest = others
        return cls(*words.days[rest])

    def index(self, days: Sequence[date]) -> int | None:
        """Which of ``days``, today first, is meant; ``None`` for none."""
        if self.weekday is None:
            return self.ahead if self.ahead < len(days) else None
        return next((at for at, day in enumerate(days) if day.weekday() == self.weekday), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place by its name, empty where one is oneself; and a day that was said behind it."""

    name: str = ""
    day: AskedDay | None = None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what can't be the name of a place."""
        words = load_days(language)
        parts = text.strip(" ,.?!").split()
        day = None
        for size in range(len(parts)):  # "Rome on Friday": the longest day first
            try:
                day = AskedDay.read(" ".join(parts[size:]), language)
            except ValueError:
                continue
            parts = parts[:size]
            break
        name = " ".join(parts).strip(" ,")
        plain = bare_words(name).split()
        if not plain or len(plain) > _MOST_WORDS or not words.no_place.isdisjoint(plain):
            raise ValueError(f"'{text}' is no place")
        return cls("" if " ".join(plain) in words.here else name, day)


@dataclass(frozen=True, slots=True)
class _Words:
    days: Mapping[str, tuple[int, int | None]]
    """Days ahead, and the weekday, by what is said."""
    before: frozenset[str]
    """What may stand before a day, and is ignored."""
    here: frozenset[str]
    no_place: frozenset[str]
    """Words that are in no name of a place."""


@functools.cache
def load_days(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    table: Mapping[str, Any] = read_table(language, NAME) or read_table(ENGLISH, NAME)
    moments = read_table(language, "moments") or read_table(ENGLISH, "moments")
    days: dict[str, tuple[int, int | None]] = {}
    for ahead, key in enumerate(("today", "tomorrow", "after_tomorrow")):
        days |= {bare_words(one): (ahead, None) for one in (*table["days"][key], *moments[key])}
    for weekday, names in enumerate(table["days"]["weekdays"]):
        days |= {bare_words(one): (0, weekday) for one in names}
    return _Words(
        days,
        frozenset(map(bare_words, table["days"]["before"])),
        frozenset(map(bare_words, table["here"])),
        frozenset(map(bare_words, table["no_place"])),
    )
