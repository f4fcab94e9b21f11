"""An embedding model that takes memory only once there is something to embed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from heisenberg.core.errors import EngineError
from heisenberg.knowledge.base import Embedder, Vectors


class OnDemandEmbedder:
    """An ``Embedder`` that ``load`` gives; its ``dimensions`` are 0 until then."""

    def __init__(self, name: str, load: Callable[[], Awaitable[Embedder]]) -> None:
        self._name = name
        self._load = load
        self._loaded: Embedder | None = None
        self._loading = asyncio.Lock()
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return 0 if self._loaded is None else self._loaded.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises what ``load`` does, too."""
        async with self._loading:
            if self._closed:
                raise EngineError("The embedder is closed.")
            if self._loaded is None:
                self._loaded = await self._load()
        return await self._loaded.embed(texts)

    async def aclose(self) -> None:
        async with self._loading:
            self._closed = True
            if self._loaded is not None:
                await self._loaded.aclose()
