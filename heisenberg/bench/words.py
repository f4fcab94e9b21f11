"""How far a transcript is from what was said."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_SAME: Final = {"ok": "okay", "10": "ten", "uh": "", "um": ""}


def word_errors(said: str, heard: str) -> int:
    """Words that are missing, added or replaced (Levenshtein); case and punctuation don't count."""
    wanted, got = _words(said), _words(heard)
    row = list(range(len(got) + 1))
    for index, word in enumerate(wanted, start=1):
        previous, row[0] = row[0], index
        for column, other in enumerate(got, start=1):
            best = min(row[column] + 1, row[column - 1] + 1, previous + (word != other))
            previous, row[column] = row[column], best
    return row[-1]


def _words(text: str) -> list[str]:
    words = (_SAME.get(word, word) for word in _WORD.findall(text.lower()))
    return [word for word in words if word]
