"""A wake detector for each stream of sound: what one has heard is nothing to another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from heisenberg.wake.base import SharedWake, WakeDetector


class Detectors:
    """Loads one when the first is asked for, and shares its networks where it can."""

    def __init__(
        self, load: Callable[[], Awaitable[WakeDetector]], loaded: WakeDetector | None = None
    ) -> None:
        """``loaded`` is one that is there already; it stays its owner's."""
        self._load = load
        self._first = loaded
        self._own: WakeDetector | None = None
        self._loading = asyncio.Lock()

    async def another(self) -> WakeDetector:
        """One that has heard nothing; whoever asks closes it. Raises what loading raises."""
        async with self._loading:
            if self._first is None:
                loaded = await self._load()
                if not isinstance(loaded, SharedWake):
                    return loaded
                self._first = self._own = loaded
            if isinstance(self._first, SharedWake):
                return await self._first.another()
        return await self._load()

    async def aclose(self) -> None:
        if self._own is not None:
            await self._own.aclose()
