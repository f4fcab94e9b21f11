"""A satellite's speaker: sound leaves here at the pace at which it is played there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from heisenberg.audio.base import AudioChunk, Playback
from heisenberg.wyoming.messages import AudioStop
from heisenberg.wyoming.sound import parts, start, to_message
from heisenberg.wyoming.wire import Wire

_AHEAD_S: Final = 0.6
"""So much is sent before it is due: a wireless network stands still for so long. What was sent
can't be taken back, so it is also how long an interrupted reply goes on."""
_QUEUE_S: Final = 8.0
_LOOK_S: Final = 0.1


class SatelliteSpeaker:
    """An ``AudioSink``; ``run`` sends what is written."""

    def __init__(self, wire: Wire, now_s: Callable[[], float]) -> None:
        self._wire = wire
        self._now_s = now_s
        self.plays = True
        """Whether there is anything that could sound."""
        self._queue: deque[AudioChunk] = deque()
        self._queued_s = 0.0
        self._changed = asyncio.Event()
        self._gain = 1.0
        self._rate_hz = 0
        """Of the stream that is open; 0: none is."""
        self._ends = False
        """It ends when all that is queued is sent."""
        self._cut_off = False
        """It ends before anything more is sent."""
        self._sent_s = 0.0
        self._sounds_until_s = 0.0

    async def write(self, chunk: AudioChunk) -> float:
        while self._queued_s >= _QUEUE_S:
            await self._wait()
        sounds_at_s = max(self._now_s(), self._sounds_until_s) + self._queued_s
        if self.plays:
            self._ends = False
            self._queue.extend(parts(chunk))
            self._queued_s += chunk.duration_s
            self._tell()
        return sounds_at_s

    def clear(self) -> Playback:
        unheard_s = max(0.0, self._sounds_until_s - self._now_s())
        played = Playback(max(0.0, self._sent_s - unheard_s), interrupted=True)
        self._queue.clear()
        self._queued_s = self._sent_s = 0.0
        self._cut_off = bool(self._rate_hz)
        self._tell()
        return played

    async def drain(self) -> Playback:
        self._ends = True
        self._tell()
        while self._queue or self._rate_hz:
            await self._wait()
        await asyncio.sleep(max(0.0, self._sounds_until_s - self._now_s()))
        played, self._sent_s = Playback(self._sent_s, interrupted=False), 0.0
        return played

    def duck(self, gain: float) -> None:
        self._gain = gain

    async def aclose(self) -> None:
        self.clear()

    async def run(self) -> None:
        """Send until cancelled. Raises ``Gone`` when the satellite takes nothing any more."""
        while True:
            if self._rate_hz and (self._cut_off or (self._ends and not self._queue)):
                await self._end_stream()
            elif not self._queue:
                await self._wait()
            elif self._sounds_until_s > self._now_s() + _AHEAD_S:
                await asyncio.sleep(_LOOK_S)  # the queue may have been cleared meanwhile
            else:
                await self._send(self._queue.popleft())

    async def _send(self, chunk: AudioChunk) -> None:
        self._queued_s = max(0.0, self._queued_s - chunk.duration_s)
        self._sounds_until_s = max(self._now_s(), self._sounds_until_s) + chunk.duration_s
        self._sent_s += chunk.duration_s
        if self._rate_hz != chunk.rate_hz:
            if self._rate_hz:
                await self._wire.write(AudioStop())
            self._rate_hz = chunk.rate_hz
            await self._wire.write(start(chunk.rate_hz))
        if self._gain != 1.0:
            softer = (chunk.pcm * np.float32(self._gain)).astype(np.int16)
            chunk = AudioChunk(softer, chunk.rate_hz)
        await self._wire.write(to_message(chunk))
        self._tell()

    async def _end_stream(self) -> None:
        self._rate_hz = 0
        self._cut_off = False
        await self._wire.write(AudioStop())
        self._tell()

    async def _wait(self) -> None:
        """Until something is otherwise."""
        await self._changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
