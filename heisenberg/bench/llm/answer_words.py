"""Words as they are compared: without case, accents and signs, numbers in digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heisenberg.bench.hearing.words import BELOW_TWENTY, TENS

_TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_THOUSANDS: Final = {
    "en": re.compile(r"(?<![\d.,])\d{1,3}(?:[, ]\d{3})+(?!\d)"),
    "fr": re.compile(r"(?<![\d.,])\d{1,3}(?:[ .]\d{3})+(?!\d)"),
}
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})


def plain_words(text: str, language: str) -> list[str]:
    """The words of ``text``, an English one unless ``language`` is ``fr``.

    "Vingt et un degrés" is ``["21", "degres"]``, "1,200 km" ``["1200", "km"]``, "2 million"
    ``["2000000"]``. An article that could be a one stays a word.
    """
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    bare = "".join(char for char in spread if not unicodedata.combining(char))
    joined = _THOUSANDS.get(language, _THOUSANDS["en"]).sub(_only_digits, bare)
    if language == "fr":
        joined = _DECIMAL_COMMA.sub(".", joined)
    return _with_digits(_TOKEN.findall(joined), _NUMBERS.get(language, _NUMBERS["en"]))


def numbers_in(words: Sequence[str]) -> list[float]:
    """The numbers among what ``plain_words`` gave."""
    return [float(word) for word in words if word[0].isdigit()]


def place_of(phrase: str, words: Sequence[str], language: str) -> int | None:
    """At which word ``phrase`` begins in ``words``, or ``None``.

    A phrase ending in ``*`` may go on within its last word: ``evaporat*``.
    """
    wanted = plain_words(phrase, language)
    begins = phrase.endswith("*")
    for start in range(len(words) - len(wanted) + 1):
        found = words[start : start + len(wanted)]
        if found == wanted or (
            begins and found[:-1] == wanted[:-1] and found[-1].startswith(wanted[-1])
        ):
            return start
    return None


@dataclass(frozen=True, slots=True)
class _NumberWords:
    values: Mapping[str, int]
    hundreds: frozenset[str]
    scales: Mapping[str, int]
    within: Mapping[str, int]
    """What is a number only within a larger one."""
    joint: str
    joins: Callable[[int, str], bool]
    """Whether ``joint`` is a part of a number, after one below a thousand and before a word."""


_TO_SEIZE: Final = (
    *("zero", "", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
_DIZAINES: Final = ("vingt", "trente", "quarante", "cinquante", "soixante")

_NUMBERS: Final[Mapping[str, _NumberWords]] = {
    "en": _NumberWords(
        {word: number for number, word in enumerate(BELOW_TWENTY)}
        | {word: 10 * number for number, word in enumerate(TENS, start=2)},
        frozenset({"hundred", "hundreds"}),
        {"thousand": 1000, "million": 10**6, "billion": 10**9},
        {},
        "and",
        lambda part, _: part % 100 == 0,
    ),
    "fr": _NumberWords(
        {word: number for number, word in enumerate(_TO_SEIZE) if word}
        | {word: 10 * number for number, word in enumerate(_DIZAINES, start=2)}
        | {"septante": 70, "huitante": 80, "octante": 80, "nonante": 90, "vingts": 20},
        frozenset({"cent", "cents"}),
        {"mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9},
        {"un": 1, "une": 1},
        "et",
        lambda part, word: part > 0 and word in ("un", "une", "onze"),
    ),
}


def _only_digits(found: re.Match[str]) -> str:
    return "".join(char for char in found.group() if char.isdigit())


def _with_digits(words: Sequence[str], known: _NumberWords) -> list[str]:
    plain = []
    at = 0
    while at < len(words):
        number, taken = _number(words[at:], known)
        plain.append(str(number) if taken else words[at])
        at += taken or 1
    return plain


def _number(words: Sequence[str], known: _NumberWords) -> tuple[int, int]:
    """The number that ``words`` begin with, and how many of them it is; 0 words: none."""
    total, part, taken = 0, 0, 0
    for at, word in enumerate(words):
        joined = taken < at
        if word == known.joint and taken and not joined:
            continue
        if joined and not known.joins(part, word):
            break
        value = known.values.get(word, known.within.get(word) if taken else None)
        if word.isdigit() and not taken:
            value = int(word)
        if value is not None:
            grown = _grown(part, value, fresh=taken == 0 or part == 0 < total)
        elif word in known.hundreds and not joined:
            grown = 100 * max(part, 1) if part < 10 else None
        elif word in known.scales and not joined:
            total, grown = total + max(part, 1) * known.scales[word], 0
        else:
            break
        if grown is None:
            break
        part, taken = grown, at + 1
    return total + part, taken


def _grown(part: int, value: int, *, fresh: bool) -> int | None:
    """``part`` with ``value`` after it, or ``None`` where that begins another number."""
    last = part % 100
    if fresh or (part and last == 0):
        return part + value
    if value == 20 and last == 4:
        return part + 76  # quatre-vingts
    if value < 10:
        units = last % 10 == 0 and (last >= 20 or (last == 10 and value >= 7))
        return part + value if units and value else None
    # soixante-quinze, quatre-vingt-dix
    return part + value if value <= 16 and last in (60, 80) else None
