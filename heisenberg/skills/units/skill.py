"""Units: exact, where a language model guesses."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from math import floor, log10
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home
from heisenberg.skills.calculator.sums import TooLarge, load_operators, said_number
from heisenberg.skills.units.amounts import (
    NAME,
    Amount,
    Unit,
    Unknown,
    UnknownUnit,
    load_units,
    unit_name,
)
from heisenberg.skills.units.conversion import TooCold, Unlike, convert
from heisenberg.skills.words import SkillWords

_TIMEOUT_S: Final = 20.0
"""The first answer waits for the library, on a slow machine for seconds."""
_DIGITS: Final = 4
"""Of a number that is no round one, as many as anybody remembers."""
_EXACT_BELOW: Final = 10**6
"""Numbers that are said to the last digit."""
_LEAST: Final = Fraction(1, 10**6)
_CENTS: Final = 100


class Units:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        languages = home.languages
        self._words = SkillWords.load(NAME, languages)
        for language in languages:
            load_operators(language)
            load_units(language)

        def sentences(action: str) -> dict[str, list[str]]:
            return self._words.sentences(action, languages)

        self.actions = (
            Action(
                "convert",
                self._convert,
                sentences("convert"),
                pure=True,
                timeout_s=_TIMEOUT_S,
                about="Convert an amount from one unit to another",
            ),
            Action("from_unknown", self._from_unknown, sentences("from_unknown"), pure=True),
            Action("to_unknown", self._to_unknown, sentences("to_unknown"), pure=True),
        )

    async def _convert(self, call: Call, amount: Amount, to: Unit) -> str:
        return await asyncio.to_thread(self._converted, call.language, amount, to)

    async def _from_unknown(self, call: Call, unknown: Unknown, to: Unit) -> str:  # noqa: ARG002
        raise SkillError(self._words.say(call.language, "unknown", unit=unknown.unit))

    async def _to_unknown(self, call: Call, amount: Amount, unit: UnknownUnit) -> str:  # noqa: ARG002
        raise SkillError(self._words.say(call.language, "unknown", unit=unit.name))

    def _converted(self, language: str, amount: Amount, to: Unit) -> str:
        """Blocks."""
        try:
            parts = [(number.result, unit.meanings) for number, unit in amount.parts]
            found = convert(parts, to.meanings)
        except TooLarge as exc:
            raise SkillError(self._words.say(language, "too_large")) from exc
        except TooCold as exc:
            raise SkillError(self._words.say(language, "too_cold")) from exc
        except Unlike as exc:
            several = Fraction(2)
            what = unit_name(amount.parts[0][1].meanings[0], several, language)
            other = unit_name(to.meanings[0], several, language)
            said = self._words.say(language, "unlike", unit=what, to=other)
            raise SkillError(said) from exc
        said = " ".join(
            _said(number, unit, language)
            for (number, _), unit in zip(parts, found.units, strict=True)
        )
        if 0 < abs(found.number) < _LEAST:
            name = unit_name(found.to, Fraction(1), language)
            return self._words.say(language, "next_to_nothing", amount=said, unit=name)
        number = _rounded(found.number)
        reply = "result" if number == found.number else "about"
        result = _said(number, found.to, language)
        return self._words.say(language, reply, amount=said, result=result)


def _said(number: Fraction, unit: str, language: str) -> str:
    text, _ = said_number(number, language)
    return f"{text} {unit_name(unit, number, language)}"


def _rounded(number: Fraction) -> Fraction:
    """Exact where it is short."""
    if (number * _CENTS).denominator == 1 and abs(number) < _EXACT_BELOW:
        return number
    places = _DIGITS - 1 - floor(log10(abs(number)))
    return round(number, max(places, 0) if abs(number) < _EXACT_BELOW else places)
