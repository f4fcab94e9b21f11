"""Durations as people say them, both ways: ``prompts/<language>/skills/durations.toml``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.words import ENGLISH, read_table

_SECONDS: Final = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}
_LONGEST: Final = timedelta(days=366)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class _Words:
    units: Mapping[str, int]
    """Seconds, by every name of a unit."""
    said: Mapping[str, tuple[str, str]]
    """Of a unit, the names for one and for several."""
    ones: frozenset[str]
    """The articles that say "one"."""
    fractions: Mapping[str, float]
    """What stands before a unit and makes it less: "half"."""
    and_half: re.Pattern[str]
    """What stands behind a number or a unit and makes it half of one more."""
    joint: re.Pattern[str]
    last_joint: str
    more: re.Pattern[str]
    """What says that it is added to another, and is left out."""


def duration_of(text: str, language: str) -> timedelta:
    """What ``text``, nothing but a duration, says.

    Raises ``ValueError`` where it says none.
    """
    words = load_durations(language)
    plain = in_digits(text.lower().replace("-", " "), language).replace("'", "' ")
    rest = " ".join(words.more.sub(" ", f"{plain} ").split()).strip(".,")
    seconds, before = 0.0, 0
    while rest:
        half = words.and_half.match(rest)
        if half and before:
            seconds, before, rest = seconds + before / 2, 0, rest[half.end() :]
            continue
        if before:
            rest = words.joint.sub("", rest, count=1)
        amount, unit, rest = _first_part(rest, words)
        if before and unit >= before:
            raise ValueError("larger units come first")
        seconds, before = seconds + amount * unit, unit
    found = timedelta(seconds=round(seconds)) if seconds <= _LONGEST.total_seconds() else _LONGEST
    if not timedelta() < found < _LONGEST:
        raise ValueError("no time at all, or too long")
    return found


def said_duration(duration: timedelta, language: str) -> str:
    """In words, as in "1 hour, 20 minutes and 5 seconds"."""
    words = load_durations(language)
    left = round(duration.total_seconds())
    parts = []
    for unit, size in _SECONDS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {words.said[unit][count > 1]}")
    if not parts:
        return f"0 {words.said['second'][1]}"
    *firsts, last = parts
    return f"{', '.join(firsts)} {words.last_joint} {last}" if firsts else last


def _first_part(text: str, words: _Words) -> tuple[float, int, str]:
    """The amount and the unit that ``text`` begins with, and what follows them."""
    factor = next((one for one in words.fractions if text.startswith(f"{one} ")), "")
    text = text.removeprefix(factor).lstrip()
    number = _NUMBER.match(text)
    article, _, rest = text.partition(" ")
    amount = 1.0
    if number:
        amount, text = float(number[0].replace(",", ".")), text[number.end() :].lstrip()
        if half := words.and_half.match(text):
            amount, text = amount + 0.5, text[half.end() :]
    elif article in words.ones:
        text = rest
    elif not factor:
        raise ValueError(f"'{article}' is no number")
    name, _, rest = text.partition(" ")
    if name.strip(",.") not in words.units:
        raise ValueError(f"'{name}' is no unit of time")
    return amount * words.fractions.get(factor, 1.0), words.units[name.strip(",.")], rest


@functools.cache
def load_durations(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    table = read_table(language, "durations") or read_table(ENGLISH, "durations")
    units = {unit: table["units"][unit] for unit in _SECONDS}
    return _Words(
        {name: _SECONDS[unit] for unit, names in units.items() for name in names},
        {unit: (names[0], names[1]) for unit, names in units.items()},
        frozenset(table["ones"]),
        table["fractions"],
        _any_of(table["and_half"]),
        _any_of([*table["joints"], table["last_joint"]]),
        table["last_joint"],
        re.compile(rf"(?<!\w){_any_of(table['more']).pattern}"),
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, phrases))})(?: |$)")
