"""When two questions are the same one, written differently."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ENDS: Final = ".,;:!?…"
_PROSE: Final = re.compile(r"[\w \t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'.,;:!?…-]*")
_FACTORIAL: Final = re.compile(r"\d\s*!")
_POLITE_START: Final = re.compile(
    r"please\b[ ,]*"
    r"|s'il (?:te|vous) pla[iî]t,\s*"
    r"|(?:(?:can|could|will|would) you )?(?:please )?tell me\b[ ,]*"
    r"|(?:peux-tu|tu peux|pouvez-vous|vous pouvez) me dire\b[ ,]*"
    r"|(?:dis|dites)-moi\b[ ,]*",
    re.IGNORECASE,
)
_POLITE_END: Final = re.compile(
    r"\s*,\s*(?:please|s'il (?:te|vous) pla[iî]t)[\s.,;:!?…]*", re.IGNORECASE
)
_LEAST_WORDS: Final = 3
"""Fewer words are no question by themselves: "Please in French" asks about "please"."""


def normalised(question: str) -> str:
    """The same text for questions that differ in case, punctuation, spaces and politeness alone.

    What would be lost with them stays: numbers, negations, the order of words, accents, and names
    in capitals ("IT" is not "it"). A question with any other sign than those of plain sentences
    (``C++``, a sum, code, quotes, several lines) is left as it is.
    """
    as_written = unicodedata.normalize("NFC", question.strip())
    text = as_written.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if not _PROSE.fullmatch(text) or _FACTORIAL.search(text):
        return as_written
    while (bare := _bare(text)) != text:
        text = bare
    return text


def _bare(text: str) -> str:
    """``text``, less of what does not count: some of that shows when other has gone."""
    asked = _without_politeness(text)
    shouted = asked.isupper()
    words = (_word(word, shouted=shouted) for word in asked.split())
    return " ".join(word for word in words if word) or text


def _without_politeness(text: str) -> str:
    while (rest := _one_less(text)) != text:
        text = rest
    return text


def _one_less(text: str) -> str:
    start = _POLITE_START.match(text)
    if start and _says_enough(rest := text[start.end() :]):
        return rest
    before, comma, _ = text.rpartition(",")
    rest = before.rstrip()
    # In a list, or after a colon, the last word may be what is asked about.
    if not comma or "," in rest or ":" in rest or not _says_enough(rest):
        return text
    return rest if _POLITE_END.fullmatch(text, len(rest)) else text


def _says_enough(text: str) -> bool:
    return len(text.split(maxsplit=_LEAST_WORDS)) >= _LEAST_WORDS


def _word(word: str, *, shouted: bool) -> str:
    bare = word.rstrip(_ENDS)
    if not bare:
        return "" if set(word) <= set("?!…") else word
    is_name = len(bare) > 1 and bare.isupper() and not shouted
    return bare if is_name else unicodedata.normalize("NFC", bare.lower())
