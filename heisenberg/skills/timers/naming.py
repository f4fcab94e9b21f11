"""What a timer may be called."""

from __future__ import annotations

import functools
from dataclasses import dataclass
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
        if not words or not load_names(language).none.isdisjoint(words):
            raise ValueError("this is no name")
        return cls(text.strip())


NO_NAME: Final = Name()


@dataclass(frozen=True, slots=True)
class _Words:
    none: frozenset[str]
    """The words that are in no name."""
    repeating: frozenset[str]
    """Those that say that it comes again."""


@functools.cache
def load_names(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    table = read_table(language, "timers") or read_table(ENGLISH, "timers")
    none, repeating = (frozenset(map(bare_words, table[key])) for key in ("no_names", "repeating"))
    return _Words(none, repeating)
