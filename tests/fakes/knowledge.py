"""Vectors by the words of a text, and an index in memory."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from heisenberg.core.errors import EngineError, KnowledgeError
from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.base import Candidate, Found, IndexedDocument, Passage, Vectors

DIMENSIONS = 64


def vectors_of(texts: Sequence[str], dimensions: int = DIMENSIONS) -> Vectors:
    """Texts that share words lie close: each word points somewhere, and a text to their mean."""
    rows = np.zeros((len(texts), dimensions), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in bare_words(text).split():
            generator = np.random.default_rng(zlib.crc32(word[:4].encode()))
            rows[row] += generator.standard_normal(dimensions)
        rows[row, 0] += 1e-3
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    vectors: Vectors = (rows / lengths).astype(np.float16)
    return vectors


class ScriptedEmbedder:
    """An ``Embedder`` that goes by the words of a text; ``texts`` are those it was given."""

    def __init__(self, name: str = "scripted", dimensions: int = DIMENSIONS) -> None:
        self.name = name
        self.dimensions = dimensions
        self.texts: list[str] = []
        self.closed = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.closed:
            raise EngineError("The embedder failed: it is closed.")
        self.texts += texts
        return vectors_of(texts, self.dimensions)

    async def aclose(self) -> None:
        self.closed = True


class MemoryIndex:
    """A ``KnowledgeIndex`` that keeps everything in ``kept``, which indexes may share."""

    def __init__(self, model: str, kept: dict[str, object] | None = None) -> None:
        self._model = model
        self._kept = {} if kept is None else kept
        self._kept.setdefault("model", "")
        self._kept.setdefault("documents", {})
        self._closed = False

    async def documents(self) -> Sequence[IndexedDocument]:
        self._check_open()
        usable = self._kept["model"] == self._model
        return [
            IndexedDocument(
                one.path, one.root, one.digest if usable else "", len(self._documents[one.path][1])
            )
            for one, *_ in (self._documents[path] for path in sorted(self._documents))
        ]

    async def replace(
        self, document: IndexedDocument, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        self._check_open()
        if self._kept["model"] not in ("", self._model):
            for path, (one, *_) in self._documents.items():
                stale = IndexedDocument(one.path, one.root, "", 0)
                self._documents[path] = (stale, (), vectors[:0])
        self._kept["model"] = self._model
        self._documents[document.path] = (document, tuple(passages), vectors)

    async def remove(self, paths: Sequence[str]) -> None:
        self._check_open()
        for path in paths:
            self._documents.pop(path, None)

    async def search(self, words: Sequence[str], vector: Vectors | None, limit: int) -> Found:
        self._check_open()
        made_with = self._kept["model"]
        if made_with not in ("", self._model):
            raise KnowledgeError(f"The index was made with the embedding model {made_with}.")
        every: list[tuple[int, Candidate]] = []
        for _, passages, vectors in self._documents.values():
            for passage, own in zip(passages, vectors, strict=True):
                similarity = 0.0
                if vector is not None:
                    similarity = float(own.astype(np.float32) @ vector.astype(np.float32).ravel())
                held = bare_words(f"{passage.heading} {passage.text}").split()
                count = sum(any(one[:4] == word[:4] for one in held) for word in words)
                every.append((count, Candidate(passage, similarity)))
        by_words = sorted((one for one in every if one[0]), key=lambda one: -one[0])
        by_vector = sorted((one for _, one in every), key=lambda one: -one.similarity)
        return Found(
            [one for _, one in by_words][:limit], [] if vector is None else by_vector[:limit]
        )

    async def aclose(self) -> None:
        self._closed = True

    @property
    def _documents(self) -> dict[str, tuple[IndexedDocument, tuple[Passage, ...], Vectors]]:
        documents = self._kept["documents"]
        assert isinstance(documents, dict)
        return documents

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The index is closed.")
