"""Where a clause may end: what punctuation, line breaks and abbreviations mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from heisenberg.tts.languages.base import SpokenLanguage


class Boundary(IntEnum):
    """How strongly two words are kept apart."""

    NONE = 0
    PHRASE = 1
    """A comma, a semicolon, a colon, a dash, the edge of a table's cell."""
    SENTENCE = 2


@dataclass(frozen=True, slots=True)
class Word:
    """A run without blanks (a link or a code span counts as one), with its place.

    ``before`` is the word before it in the same clause, or empty.
    """

    text: str
    before: str = ""
    starts_line: bool = False


def boundary(word: Word, gap: str, next_char: str, spoken: SpokenLanguage) -> Boundary:
    """What lies between ``word`` and the word that begins with ``next_char``, ``gap`` apart."""
    if word.starts_line and _MARKER.fullmatch(word.text):
        return Boundary.NONE
    if "\n" in gap and (gap.count("\n") > 1 or not next_char.islower()):
        return Boundary.SENTENCE
    if next_char in _NEVER_FIRST:
        return Boundary.NONE
    core = word.text.rstrip(_CLOSERS)
    quoted = core != word.text
    last = core[-1:]
    if last in _SENTENCE_ENDS and core:
        ends = _ends_sentence(core, word.before, next_char, spoken)
        return Boundary.NONE if (quoted and next_char.islower()) or not ends else Boundary.SENTENCE
    if _DASHES.fullmatch(word.text):
        return (
            Boundary.PHRASE if word.before[-1:].isalpha() and next_char.isalpha() else Boundary.NONE
        )
    if last and last in ",;:—|":
        # "May 5, 2024" and "1, 2, 3" stay together.
        numbers = core[-2:-1].isdigit() and next_char.isdigit()
        return Boundary.NONE if numbers else Boundary.PHRASE
    return Boundary.NONE


def may_cut_between(word: str, next_word: str, spoken: SpokenLanguage) -> bool:
    """Whether a long clause may be cut here, in front of a conjunction or preposition."""
    return (
        next_word.lower() in spoken.joints
        and word[-1:].isalpha()
        and word.lower() not in spoken.leaning
        and word.lower() not in spoken.joints
    )


def leads_to_initial(before: str, spoken: SpokenLanguage) -> bool:
    """Whether a lone letter after ``before`` is an initial: ``by J. Smith``, not ``vitamin C.``."""
    lower = before.lower()
    return not before[:1].islower() or lower in spoken.joints or lower in spoken.leaning


_SENTENCE_ENDS: Final = ".!?…"
_CLOSERS: Final = "\"'”’»)]}*_`~"
_NEVER_FIRST: Final = "!?;:,.…)]}»%”"
_OPENERS: Final = "\"'“‘«([{*_`~¿¡"
_MARKER: Final = re.compile(r"[-*+•▪◦‣·–|]|#{1,6}|>+|\(?\w{1,3}[.)]")
_DASHES: Final = re.compile(r"[-–—]{1,3}")
_ACRONYM: Final = re.compile(r"(?:[^\W\d_]\.){2,}", re.UNICODE)
_INITIAL: Final = re.compile(r"[A-HJ-Z]\.")
_LIST_NUMBER: Final = re.compile(r"\d{1,2}\.")


def _ends_sentence(core: str, before: str, next_char: str, spoken: SpokenLanguage) -> bool:
    if core[-1] in "!?":
        return True
    if core.endswith(("…", "..")):
        return next_char.isupper()
    stem = core.lstrip(_OPENERS)
    lower = stem.lower()
    if lower in spoken.unfinished:
        return False
    if lower in spoken.before_number:
        return not next_char.isdigit()
    if lower in spoken.maybe_last:
        return next_char.isupper()
    if _ACRONYM.fullmatch(stem):
        return False
    if _INITIAL.fullmatch(stem):
        return not leads_to_initial(before, spoken)
    if _LIST_NUMBER.fullmatch(stem):
        # "two steps: 1. Open it. 2. Look", but "He is 12. He".
        return before[-1:] not in (":", ".", ";", ",") or not before
    return True
