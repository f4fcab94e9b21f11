"""Amounts and units as people say them: ``prompts/<language>/skills/units.toml``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Final, Self

from heisenberg.skills.calculator.sums import Sum, TooLarge, Undefined, in_signs
from heisenberg.skills.words import ENGLISH, read_table

NAME: Final = "units"

_LONGEST_NAME: Final = 40
_NUMBER: Final = re.compile(r"\D*\d")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word for a unit, and which it may mean, in pint's notation: "ounce" is a weight, or a
    volume."""

    meanings: tuple[str, ...]

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is no unit."""
        name = _plain(text)
        meanings = load_units(language).meanings.get(name)
        if meanings is None:
            raise ValueError(f"'{name}' is no unit")
        return cls(meanings)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many of a unit, or of several: "5 feet 10 inches"."""

    STANDS_OUT: ClassVar[bool] = True
    """Its words can be told from those around them."""

    parts: tuple[tuple[Sum, Unit], ...]

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """What ``text``, nothing but an amount, says. Raises ``ValueError``."""
        words = load_units(language)
        rest = _plain(text)
        parts: list[tuple[Sum, Unit]] = []
        while rest:
            part = words.part.match(rest)
            if part is None:
                parts.append((_number(rest, words, language), _smaller(parts, words)))
                break
            parts.append((_number(part[1], words, language), Unit(words.meanings[part[2]])))
            rest = rest[part.end() :]
            if half := words.half_more.match(rest):
                number, unit = parts[-1]
                parts[-1] = (Sum(f"{number.signs} + 0.5"), unit)
                rest = rest[half.end() :]
        if not parts:
            raise ValueError("nothing")
        return cls(tuple(parts))


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is said as an amount, of something that is no unit here."""

    unit: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for an amount that is known, or none."""
        number, _, unit = _plain(text).partition(" ")
        _number(number, load_units(language), language)
        return cls(_unknown_unit(unit, language))


@dataclass(frozen=True, slots=True)
class UnknownUnit:
    """What is said as a unit, and is none here."""

    name: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for a unit that is known, or what can't be one."""
        return cls(_unknown_unit(_plain(text), language))


@dataclass(frozen=True, slots=True)
class _Words:
    meanings: Mapping[str, tuple[str, ...]]
    """In pint's notation, by every name of a unit."""
    said: Mapping[str, tuple[str, str]]
    """Of a unit, the names for one and for several."""
    part: re.Pattern[str]
    """A number, and the name of a unit."""
    amounts: Mapping[str, str]
    """Numbers that are words."""
    half_more: re.Pattern[str]
    smaller: Mapping[str, str]
    """What a number behind a unit counts: after "five foot" it is inches."""


def unit_name(unit: str, number: Fraction, language: str) -> str:
    """As it is said behind ``number``."""
    from babel import Locale

    count = int(number) if number.denominator == 1 else float(number)
    is_one = Locale.parse(language).plural_form(abs(count)) == "one"
    return load_units(language).said[unit][not is_one]


@functools.cache
def load_units(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    table = _table(language)
    meanings: dict[str, tuple[str, ...]] = {}
    for unit, names in table["units"].items():
        for name in dict.fromkeys(map(_plain, names)):
            meanings[name] = (*meanings.get(name, ()), unit)
    joint, names = _any_of(table["joints"]), _any_of(meanings)
    return _Words(
        meanings,
        {unit: (names[0], names[1]) for unit, names in table["units"].items()},
        re.compile(rf"(.*?)(?<![^\W\d])({names})(?!\w),?\s*(?:(?:{joint})\s+(?=\d))?"),
        table["amounts"],
        re.compile(_any_of(table["half_more"]) + r"(?!\w),?\s*"),
        table["smaller"],
    )


def _table(language: str) -> Mapping[str, Any]:
    return read_table(language, NAME) or read_table(ENGLISH, NAME)


def _number(text: str, words: _Words, language: str) -> Sum:
    """Raises ``ValueError``."""
    text = text.strip(" ,")
    if text in words.amounts:
        return Sum(words.amounts[text])
    half = words.half_more.search(text)
    if half and half.end() == len(text):
        return Sum(f"{_number(text[: half.start()], words, language).signs} + 0.5")
    first, _, others = text.partition(" ")
    if others and first in words.amounts:  # "a hundred"
        text = others
    found = Sum(in_signs(text, language))
    try:
        _ = found.result
    except Undefined as exc:
        raise ValueError("this is no number") from exc
    except TooLarge:
        pass  # who asks is told
    return found


def _smaller(parts: Sequence[tuple[Sum, Unit]], words: _Words) -> Unit:
    unit = parts[-1][1].meanings[0] if parts else ""
    if unit not in words.smaller:
        raise ValueError("a number of what?")
    return Unit((words.smaller[unit],))


def _unknown_unit(name: str, language: str) -> str:
    if not name or len(name) > _LONGEST_NAME or _NUMBER.match(name):
        raise ValueError("this can't be a unit")
    if name in load_units(language).meanings:
        raise ValueError("this is known")
    return name


def _plain(text: str) -> str:
    """Without signs that recognisers put or leave out: the hyphens in words, the dot behind."""
    text = re.sub(r"(?<=[^\W\d])-(?=[^\W\d])", " ", text.lower().replace("’", "'"))
    return " ".join(text.split()).strip(" .,?!")


def _any_of(phrases: Sequence[str] | Mapping[str, object]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})"
