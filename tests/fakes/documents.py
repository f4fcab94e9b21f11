"""Documents that are in no index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from heisenberg.core.errors import HeisenbergError
from heisenberg.core.grounding import Grounding
from heisenberg.core.services import Documents
from heisenberg.knowledge.base import Hit, IndexedDocument, Passage, Vectors
from heisenberg.llm.prompts.framing import Framing

GUIDE = "/home/owner/docs/guide.md"


class ScriptedKnowledge:
    """A ``Knowledge`` in which a question finds the passages of every word that it holds.

    ``error`` is raised in place of an answer.
    """

    def __init__(self, by_word: Mapping[str, Sequence[str]]) -> None:
        self._by_word = by_word
        self.error: HeisenbergError | None = None

    async def search(self, question: str, limit: int) -> Sequence[Hit]:
        if self.error is not None:
            raise self.error
        texts = [
            text
            for word, found in self._by_word.items()
            if word in question.lower()
            for text in found
        ]
        return [
            Hit(Passage(GUIDE, "Guide > Pumps", 7 + at, text), 0.9 - at / 10)
            for at, text in enumerate(texts)
        ][:limit]

    async def documents(self) -> Sequence[IndexedDocument]:
        passages = sum(len(found) for found in self._by_word.values())
        return [IndexedDocument(GUIDE, GUIDE, "digest", passages)] if passages else []


class ScriptedEmbedder:
    """An ``Embedder`` whose vectors point where the length of a text says."""

    name = "scripted-embedder"
    dimensions = 4

    async def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), np.float16)
        for row, text in enumerate(texts):
            vectors[row, len(text) % self.dimensions] = 1.0
        return vectors

    async def aclose(self) -> None:
        return


def scripted_documents(knowledge: ScriptedKnowledge) -> Documents:
    """All that is asked of documents, with the framing of English prompts. It reads files."""
    return Documents(knowledge, Grounding(knowledge, Framing.load("en")), ScriptedEmbedder())
