"""The gate between a reply and the speaker.

A reply is written to a gate, never to the speaker itself: while the gate is closed its sound is
held, so a reply can be prepared before it is certain that the user has finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from heisenberg.audio.base import AudioChunk, AudioSink

_HELD_S: Final = 8.0
"""More sound than this is not held: the writer waits."""


class GatedSink:
    """Holds what is written until ``open``, then passes everything on in order."""

    def __init__(
        self,
        sink: AudioSink,
        *,
        before_first: Callable[[], Awaitable[None]],
        after_first: Callable[[float], None],
        when_held: Callable[[], None],
    ) -> None:
        """``before_first`` is awaited just before the first sound goes to ``sink``;
        ``after_first`` is told the time at which its first sample sounds; ``when_held`` is called
        when there is something to release."""
        self._sink = sink
        self._before_first = before_first
        self._after_first = after_first
        self._when_held = when_held
        self._held: list[AudioChunk] = []
        self._opened = asyncio.Event()
        self._shut = False
        self._in_order = asyncio.Lock()
        self._passed_any = False

    async def write(self, chunk: AudioChunk) -> None:
        """Pass ``chunk`` on, or hold it; wait while too much is held or the speaker is full."""
        async with self._in_order:
            if not self._opened.is_set() and self._held_s() + chunk.duration_s <= _HELD_S:
                self._held.append(chunk)
                self._when_held()
                return
        await self._opened.wait()
        async with self._in_order:
            await self._pass(chunk)

    async def open(self) -> None:
        """Release what is held; from now on nothing is held."""
        async with self._in_order:
            held, self._held = self._held, []
            for chunk in held:
                await self._pass(chunk)
            self._opened.set()

    @property
    def holds_sound(self) -> bool:
        """Whether there is something to release."""
        return bool(self._held)

    @property
    def is_shut(self) -> bool:
        return self._shut

    def shut(self) -> None:
        """The reply is no longer wanted: what is held or still comes is dropped."""
        self._shut = True
        self._held.clear()
        self._opened.set()

    def _held_s(self) -> float:
        return sum(chunk.duration_s for chunk in self._held)

    async def _pass(self, chunk: AudioChunk) -> None:
        if self._shut:
            return
        if not self._passed_any:
            await self._before_first()
        sounds_at_s = await self._sink.write(chunk)
        if not self._passed_any:
            self._passed_any = True
            self._after_first(sounds_at_s)
