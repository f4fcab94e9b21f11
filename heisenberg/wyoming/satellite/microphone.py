"""A satellite's microphone: sound as it arrives, with what happens in between in its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeAlias

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.rechunk import Rechunker
from heisenberg.wyoming.pace import Pace

_CHUNK: Final = 2 * CHUNK_SAMPLES
_MOST_CHUNKS: Final = 500
"""Ten seconds; then whoever sends waits."""
_GAP_S: Final = 1.0
"""Sound that comes so much later than the last does not follow it."""
_DRIFT_S: Final = 20.0
"""So far ahead of ours the other clock may get before its sound is counted anew."""

_Act: TypeAlias = Callable[[], Awaitable[None]]


class SatelliteMicrophone:
    """An ``AudioSource`` that is fed from a connection."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """``now_s`` is the room's clock."""
        self._now_s = now_s
        self._pace = Pace(now_s)
        self._frames = Rechunker(_CHUNK)
        self._next_s = 0.0
        self._items: asyncio.Queue[AudioChunk | _Act | None] = asyncio.Queue(_MOST_CHUNKS)

    async def push(self, pcm: Pcm) -> None:
        """The next sound; waits while the room is behind. Raises ``InputError`` for a flood."""
        self._pace.note(len(pcm) / RATE_HZ)
        late_s = self._now_s() - self._next_s - len(pcm) / RATE_HZ
        if not -_DRIFT_S < late_s < _GAP_S:
            self._next_s += late_s
            self._frames.reset()
        for frame in self._frames.push(pcm):
            await self._items.put(AudioChunk(frame, RATE_HZ, self._next_s))
            self._next_s += len(frame) / RATE_HZ

    async def then(self, act: _Act) -> None:
        """Have the room do this when it has heard what came until now."""
        await self._items.put(act)

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        while (item := await self._items.get()) is not None:
            if isinstance(item, AudioChunk):
                yield item
            else:
                await item()

    async def aclose(self) -> None:
        """A running iteration ends with what came until now."""
        await self._items.put(None)
