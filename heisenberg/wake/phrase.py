"""The wake phrase is not part of what the user asked."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORDS_BEFORE: Final = 5
"""The pre-roll may hold a few words of talk before the phrase."""
_ALIKE: Final = 0.74
"""How alike letters must be: recognisers write Jervis, Charvis or Jarvas."""
_ALIKE_LATER: Final = 0.85
"""The same after other words, where a chance likeness would cost more."""


def without_wake_phrase(text: str, phrase: str) -> str:
    """What follows the wake ``phrase`` at the beginning of a transcript.

    The phrase may be misheard, cut off at its beginning, or come after a few words of talk. A
    text without it is returned as it is.
    """
    words = list(_WORD.finditer(text))
    end = _phrase_end([_letters(word.group()) for word in words], _letters(phrase), phrase)
    if end is None:
        return text
    rest = text[words[end - 1].end() :].lstrip(" \t\n.,;:!?…-–—\"'»")
    return rest[:1].upper() + rest[1:]


def _phrase_end(words: list[str], phrase: str, spelled: str) -> int | None:
    """The index of the first word after the phrase."""
    length = len(spelled.split())
    for start in range(min(len(words), _WORDS_BEFORE)):
        spans = [words[start : start + count] for count in range(1, length + 2)]
        best = max(spans, key=lambda span: _likeness("".join(span), phrase))
        if _likeness("".join(best), phrase) >= (_ALIKE_LATER if start else _ALIKE):
            return start + len(best)
    name = _letters(spelled.split()[-1])
    for start in range(min(len(words), length)):  # the name alone, at most after an interjection
        if _likeness(words[start], name) >= _ALIKE and all(len(w) <= 3 for w in words[:start]):
            return start + 1
    return None


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if char.isalnum())
