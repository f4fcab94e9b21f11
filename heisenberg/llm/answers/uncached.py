"""Questions whose answer is not given a second time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from heisenberg.core.resources import prompts_dir
from heisenberg.core.word_lists import bare_words, listed

_ALWAYS: Final = "uncached.txt"
_WITHOUT_DOCUMENTS: Final = "uncached_without_documents.txt"


class Uncached:
    """Questions whose answer changes; and, where no documents answer them, about the user."""

    def __init__(self, always: Iterable[str], without_documents: Iterable[str]) -> None:
        self._always = _Phrases(always)
        self._without_documents = _Phrases(without_documents)

    @classmethod
    def load(cls) -> Self:
        """Read the files; the phrases of every language count, whichever is spoken."""
        languages = sorted(folder.name for folder in prompts_dir().iterdir() if folder.is_dir())
        always, without_documents = (
            [phrase for language in languages for phrase in listed(language, file)]
            for file in (_ALWAYS, _WITHOUT_DOCUMENTS)
        )
        return cls(always, without_documents)

    def covers(self, question: str, *, of_documents: bool = False) -> bool:
        """Whether ``question`` is one of them; ``of_documents`` are those that hold its answer."""
        plain = bare_words(question)
        return self._always.any_in(plain) or (
            not of_documents and self._without_documents.any_in(plain)
        )


class _Phrases:
    """Words and phrases to be found in bare words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        plain = {bare_words(phrase) for phrase in phrases}
        self._words = frozenset(phrase for phrase in plain if " " not in phrase)
        self._longer = tuple(f" {phrase} " for phrase in plain - self._words)

    def any_in(self, plain: str) -> bool:
        padded = f" {plain} "
        return not self._words.isdisjoint(plain.split()) or any(
            phrase in padded for phrase in self._longer
        )
