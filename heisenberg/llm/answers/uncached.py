"""Questions whose answer is not given a second time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from heisenberg.core.resources import prompts_dir
from heisenberg.core.word_lists import bare_words, listed

_FILE: Final = "uncached.txt"


class Uncached:
    """Questions about the user, or whose answer changes: they hold one of ``phrases``."""

    def __init__(self, phrases: Iterable[str]) -> None:
        plain = {bare_words(phrase) for phrase in phrases}
        self._words = frozenset(phrase for phrase in plain if " " not in phrase)
        self._phrases = tuple(f" {phrase} " for phrase in plain - self._words)

    @classmethod
    def load(cls) -> Self:
        """Read the files; the phrases of every language count, whichever is spoken."""
        languages = sorted(folder.name for folder in prompts_dir().iterdir() if folder.is_dir())
        return cls(phrase for language in languages for phrase in listed(language, _FILE))

    def covers(self, question: str) -> bool:
        """Whether ``question`` is one of them."""
        plain = bare_words(question)
        if not self._words.isdisjoint(plain.split()):
            return True
        padded = f" {plain} "
        return any(phrase in padded for phrase in self._phrases)
