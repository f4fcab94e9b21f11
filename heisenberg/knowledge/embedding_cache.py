"""Vectors of texts that are embedded again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from cachetools import LFUCache

from heisenberg.knowledge.base import Embedder, Vectors

ENTRIES: Final = 200


class EmbeddingCache:
    """An ``Embedder`` around another one that knows the vectors of the texts used most.

    Of ``entries`` texts, the one that was used least often goes first, and of those the one that
    was not used for longest. The other embedder is closed with it.
    """

    def __init__(self, embedder: Embedder, entries: int = ENTRIES) -> None:
        self._embedder = embedder
        self._kept: LFUCache[str, Vectors] = LFUCache(entries)
        self.hits = 0
        """How many texts were known."""
        self.misses = 0

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def __len__(self) -> int:
        return len(self._kept)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        known = {text: self._kept[text] for text in texts if text in self._kept}
        unknown = list(dict.fromkeys(text for text in texts if text not in known))
        self.hits += len(texts) - len(unknown)
        self.misses += len(unknown)
        if unknown:
            vectors = await self._embedder.embed(unknown)
            for text, vector in zip(unknown, vectors, strict=True):
                known[text] = self._kept[text] = vector.copy()
        rows = [known[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float16)

    def clear(self) -> None:
        """Forget every text."""
        self._kept.clear()

    async def aclose(self) -> None:
        self.clear()
        await self._embedder.aclose()
