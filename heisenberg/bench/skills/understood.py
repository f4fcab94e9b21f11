"""Whether a command was understood as it was meant: the skill, the action and the slots."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from numbers import Real
from typing import Any, Final

from heisenberg.bench.skills.command_set import Said, Value
from heisenberg.core.word_lists import bare_words
from heisenberg.skills.calculator.sums import Sum, TooLarge, Undefined
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.understanding.matching import Match

_ARTICLES: Final = re.compile(
    r"(?:the|a|an|my|some|our|de la|de l|le|la|les|l|un|une|du|des|de|d|mon|ma|mes) "
)
_HALVES: Final = re.compile(r"(?<=\d) ?([ap])\.? ?m\b\.?")
"""Of the day, as they may be written: "6am", "6 a.m."."""
_DAYS: Final = ("today", "tomorrow", "after tomorrow")
_WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_DAY: Final = "day"
"""Which day a moment is on; it counts only where it is asked for."""


def is_understood(match: Match, skill: str, said: Said, *, exactly: bool) -> bool:
    """Whether ``match`` is what ``said``, a command to ``skill``, asks for.

    ``exactly``: by its action and the names of all slots; else by their values alone.
    """
    if match.skill != skill:
        return False
    found = dict(_flat(match.slots, match.language))
    if not exactly:
        return all(_is_among(value, found, match.language) for value in _values(said.slots))
    if said.action not in (None, match.action.name):
        return False
    wanted = {
        name: _plain(value, match.language)
        for name, value in said.slots.items()
        if not isinstance(value, tuple)
    }
    return all(
        wanted.get(name) == found.get(name)
        for name in wanted.keys() | found.keys()
        if name != _DAY or name in wanted
    )


def _values(slots: Mapping[str, Value | tuple[Value, ...]]) -> Iterator[Value]:
    for value in slots.values():
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def _is_among(value: Value, found: Mapping[str, Value], language: str) -> bool:
    """Whether a number is one of those, or words are in what was understood."""
    plain = _plain(value, language)
    if plain in found.values():
        return True
    words = f" {' '.join(str(one) for one in found.values())} "
    number = f"{plain:g}" if isinstance(plain, float) else plain
    return f" {number} " in in_digits(words, language)


def _flat(slots: Mapping[str, Any], language: str) -> Iterator[tuple[str, Value]]:
    """The values of ``slots`` as they stand in a set; those that say nothing are left out."""
    for name, value in slots.items():
        match value:
            case None | "" | () | False:
                continue
            case timedelta():
                yield name, value.total_seconds()
            case Moment():
                yield name, _plain(f"{value.hour:02}:{value.minute:02}", language)
                if value.weekday is not None:
                    yield _DAY, _WEEKDAYS[value.weekday]
                elif value.days is not None:
                    yield _DAY, _DAYS[value.days]
                elif value.again:
                    yield _DAY, str(value.again)
            case Sum():
                yield "result", _result(value)
            case Enum():
                yield name, str(value.value).lower()
            case Real():
                yield name, float(value)
            case str():
                yield name, _plain(value, language)
            case Sequence():
                items = {f"{name}{index}": one for index, one in enumerate(value)}
                yield from _flat(items, language)
            case _ if dataclasses.is_dataclass(value):
                fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
                yield from _flat(fields, language)
            case _:
                yield name, _plain(str(value), language)


def _result(asked: Sum) -> Value:
    try:
        return float(asked.result)
    except (Undefined, TooLarge):
        return "none"


def _plain(value: Value, language: str) -> Value:
    """Words without accents, signs and articles, with their numbers in digits."""
    if not isinstance(value, str):
        return float(value)
    words = bare_words(_HALVES.sub(r" \1m", in_digits(value.lower(), language)))
    return words[found.end() :] if (found := _ARTICLES.match(words)) else words
