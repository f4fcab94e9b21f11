"""How far a transcript is from what was said."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_SAME: Final = {"ok": "okay", "uh": "", "um": ""}
BELOW_TWENTY: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def word_errors(said: str, heard: str) -> int:
    """Words that are missing, added or replaced (Levenshtein), both sides being ``words``."""
    wanted, got = words(said), words(heard)
    row = list(range(len(got) + 1))
    for index, word in enumerate(wanted, start=1):
        previous, row[0] = row[0], index
        for column, other in enumerate(got, start=1):
            best = min(row[column] + 1, row[column - 1] + 1, previous + (word != other))
            previous, row[column] = row[column], best
    return row[-1]


def words(text: str) -> list[str]:
    """Those that count, without case, punctuation and "um"; numbers below a hundred in words."""
    found = _WORD.findall(text.lower().replace("’", "'"))
    return [word for one in found for word in _spelled(_SAME.get(one, one)).split()]


def _spelled(word: str) -> str:
    number = int(word) if re.fullmatch("[1-9]?[0-9]", word) else None
    if number is None:
        return word
    if number < 20:
        return BELOW_TWENTY[number]
    unit = number % 10
    tens = TENS[number // 10 - 2]
    return f"{tens} {BELOW_TWENTY[unit]}" if unit else tens
