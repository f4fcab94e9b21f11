"""The last line of defence against hearing oneself: words compared with words.

When the echo of a reply gets past the echo canceller, the recogniser writes what the reply says,
more or less. What the user says follows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ALIKE: Final = 0.7
_FEWEST: Final = 2
"""One word in common with the reply says nothing, unless it is all that was heard."""
_SURE: Final = 3
"""So many words of the reply, nearly in a row, are an echo; one more, where they are not first."""
_SLIPS: Final = 1
"""So many words of an echo in a row may be misheard beyond recognition."""


def without_echo(heard: str, said: str) -> str:
    """What is left of ``heard`` after the words at its beginning that are an echo of ``said``.

    ``said`` is what was being said at that time. Empty when all of it was echo; ``heard`` as it
    is when none was.
    """
    matches = list(_WORD.finditer(heard))
    words = [match.group().lower() for match in matches]
    count = _echoed(words, [word.lower() for word in _WORD.findall(said)])
    if count == 0:
        return heard
    if count == len(words):
        return ""
    rest = heard[matches[count].start() :]
    return rest[:1].upper() + rest[1:]


def _echoed(heard: Sequence[str], said: Sequence[str]) -> int:
    """How many of the words ``heard`` first are an echo."""
    if not heard or not said:
        return 0
    # A word that resembles one of the reply counts as that one.
    known = [_closest(word, said) or "" for word in heard]
    blocks = SequenceMatcher(None, known, list(said), autojunk=False).get_matching_blocks()
    pairs = [(block.a + at, block.b + at) for block in blocks for at in range(block.size)]
    return max((_run(known, pairs[first:]) for first in range(len(pairs))), default=0)


def _run(known: Sequence[str], pairs: Sequence[tuple[int, int]]) -> int:
    """Where the echo that begins with the first of ``pairs`` (heard, said) ends, else 0."""
    (start, start_said), total = pairs[0], 0
    end, end_said = start, start_said
    for at, at_said in pairs:
        if at - end > _SLIPS or at_said - end_said > _SLIPS:
            break
        end, end_said, total = at + 1, at_said + 1, total + 1
    if total == len(known):
        return end
    if start > 0:  # it began with something misheard
        return end if total > _SURE and known[:start].count("") <= _SLIPS else 0
    pair = total == _FEWEST and end - start == end_said - start_said == _FEWEST
    return end if total >= _SURE or pair else 0


def _closest(word: str, said: Sequence[str]) -> str | None:
    best = max(said, key=lambda other: _ratio(word, other))
    return best if _ratio(word, best) >= _ALIKE else None


def _ratio(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
