"""Names that a recogniser may have written for others."""

from __future__ import annotations

import difflib
from typing import Final

from heisenberg.core.word_lists import bare_words

_ALIKE: Final = 0.7
"""Words are alike from here on: "pastor" and "pasta" are, "two" and "tea" are not."""
_RUN_TOGETHER: Final = 0.8
"""The same for whole names in which words may begin elsewhere: "past a"."""


def is_near(asked: str, name: str) -> bool:
    """Whether ``asked`` may be ``name``, misheard: each of its words is like one of that."""
    own, words = bare_words(name).split(), bare_words(asked).split()
    if not own or not words:
        return False
    if _likeness("".join(words), "".join(own)) >= _RUN_TOGETHER:
        return True
    return all(any(_likeness(one, other) >= _ALIKE for other in own) for one in words)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
