"""Questions that ask the same in other words, as far as that is certain.

Two do where the same words stand in the same order once those are left out that change nothing
("How do I boil an egg?", "How can I boil an egg?"), and where an embedding finds them alike too.
Alike alone is not enough: "Does Paris lie north of Lyon?" and its reverse are so by 0.99.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Self

import numpy as np

from heisenberg.core.resources import prompts_dir
from heisenberg.core.word_lists import bare_words, listed
from heisenberg.knowledge.base import Embedder

LEAST_LIKENESS: Final = 0.9
"""The cosine of two questions: of 20 pairs that ask the same 15 are above it, of 28 that do not 5.
"""
_PLAIN: Final = re.compile(r"[\w\s'’.,;:!?…-]*")
"""Signs would be lost with the words: a question with any is compared as it is written."""


class SimilarQuestions:
    """Finds the same question among others."""

    def __init__(
        self, embedder: Embedder, ignored: Iterable[str], question_words: Iterable[str]
    ) -> None:
        self._embedder = embedder
        self._ignored = frozenset(map(bare_words, ignored))
        self._question_words = frozenset(map(bare_words, question_words))

    @classmethod
    def load(cls, embedder: Embedder) -> Self:
        """Read the lists of every language, whichever is spoken."""
        languages = sorted(folder.name for folder in prompts_dir().iterdir() if folder.is_dir())

        def words(name: str) -> list[str]:
            return [line for language in languages for line in listed(language, name)]

        return cls(embedder, words("same_question.txt"), words("question_word.txt"))

    async def find(self, question: str, others: Sequence[str]) -> str | None:
        """The one of ``others`` that asks the same as ``question``; the likest, if several do.

        Raises what the embedder raises.
        """
        asked = self._said_by(question)
        same = [other for other in others if asked and self._said_by(other) == asked]
        if not same:
            return None
        vectors = (await self._embedder.embed([question, *same])).astype(np.float32)
        likeness = vectors[1:] @ vectors[0]
        best = int(likeness.argmax())
        return same[best] if likeness[best] >= LEAST_LIKENESS else None

    def _said_by(self, question: str) -> Sequence[str]:
        """The words that say what is asked, in their order; none where it is no plain question."""
        words = bare_words(question).split()
        if not _PLAIN.fullmatch(question) or self._question_words.isdisjoint(words):
            return ()
        return [word for word in words if word not in self._ignored]
