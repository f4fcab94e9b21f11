"""What a timer may be called."""

from __future__ import annotations

import functools
from typing import Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.words import ENGLISH, read_table


class Name(str):
    """Words that call a timer something when it is set, and are no part of how that is asked for;
    who asks after one may be misheard, and names it in any words."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is no name."""
        words = bare_words(text).split()
        if not words or not load_names(language).isdisjoint(words):
            raise ValueError("this is no name")
        return cls(text.strip())


NO_NAME: Final = Name()


@functools.cache
def load_names(language: str) -> frozenset[str]:
    """The words that are in no name. Read once. Raises ``ConfigError``."""
    table = read_table(language, "timers") or read_table(ENGLISH, "timers")
    return frozenset(map(bare_words, table["no_names"]))
