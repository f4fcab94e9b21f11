"""A sound card made of arrays: a recording is the microphone, and the speaker is recorded.

Both sides advance together in ticks of 10 ms, as on a real card. At real-time pace a tick lasts
10 ms of the wall clock; with ``fast`` the next tick comes as soon as the last chunk was worked
on, and time stands still while an answer is being computed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm, Playback
from heisenberg.audio.echo_path import EchoPath, room_of
from heisenberg.audio.playqueue import PlayQueue
from heisenberg.audio.resample import Resampler
from heisenberg.core.aio import cancel_and_wait

TICK_S: Final = CHUNK_SAMPLES / RATE_HZ
_SILENCE: Final = np.zeros(CHUNK_SAMPLES, dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Echo:
    """How much of the speaker the microphone hears: a linear factor, and how late.

    ``room`` is the seed of a made-up room, which adds its reflections without making it louder.
    ``overdrive`` above 0 is how far the loudspeaker is driven into distortion.
    """

    gain: float = 0.0
    delay_ms: float = 0.0
    room: int | None = None
    overdrive: float = 0.0


class SimulatedCard:
    """Microphone (iterate over it), speaker (``write`` and so on) and clock in one.

    It is an ``EchoReference`` as well: what is read sounds 10 ms later, and its echo is heard
    later still.
    """

    def __init__(
        self,
        recording: Pcm,
        *,
        fast: bool = False,
        echo: Echo | None = None,
        starved: Callable[[], bool] = lambda: False,
    ) -> None:
        """``starved`` says, with ``fast``, that time must stand still: sound is being made."""
        self._recording = recording
        self._fast = fast
        self._echo = _echo_path(echo)
        self.starved = starved
        self._ticks = 0
        self._started_s: float | None = None
        self._queue = PlayQueue(RATE_HZ)
        # What is taken for the speaker when a chunk has been captured sounds after that chunk.
        self._played: list[Pcm] = [_SILENCE]
        self._read_ticks = 1
        self._read_sound = False
        self._captured: asyncio.Queue[AudioChunk | None] = asyncio.Queue()
        self._closed = False
        self._changed = asyncio.Event()
        self._resampler: tuple[int, Resampler] | None = None
        self.input_ended = asyncio.Event()

    def now_s(self) -> float:
        """Seconds since the start of the input."""
        if self._fast or self._started_s is None:
            return self._ticks * TICK_S
        return time.monotonic() - self._started_s

    def speaker(self) -> Pcm:
        """What the speaker has played, from the start of the input on, at 16 kHz."""
        return np.concatenate(self._played)

    def read(self, samples: int) -> Pcm:
        """What is being played, ``samples`` of it: whole ticks."""
        begin = self._read_ticks
        self._read_ticks += samples // CHUNK_SAMPLES
        sound = np.zeros(samples, dtype=np.int16)
        played = self._played[begin : self._read_ticks]
        if played:
            sound[: len(played) * CHUNK_SAMPLES] = np.concatenate(played)
        self._read_sound = bool(sound.any())
        return sound

    @property
    def is_silent(self) -> bool:
        waiting = self._queue.waiting_s or any(p.any() for p in self._played[self._read_ticks :])
        return not (self._read_sound or waiting)

    @property
    def paths(self) -> int:
        return 1

    def notify(self) -> None:
        """Look again whether time may go on."""
        self._changed.set()

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        if not self._fast:
            ticking = asyncio.create_task(self._tick_in_real_time(), name="simulated-card")
            try:
                while (chunk := await self._captured.get()) is not None:
                    yield chunk
            finally:
                await cancel_and_wait(ticking)
        while not self._closed:
            await self._until_not_starved()
            yield self._tick()

    def hurry(self) -> None:
        """From now on time passes as fast as the sound is worked on."""
        self._fast = True

    async def _tick_in_real_time(self) -> None:
        self._started_s = time.monotonic()
        try:
            while not (self._closed or self._fast):
                due_s = self._started_s + (self._ticks + 1) * TICK_S
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                self._captured.put_nowait(self._tick())
        finally:
            self._captured.put_nowait(None)

    async def _until_not_starved(self) -> None:
        await asyncio.sleep(0)
        while not self._closed and not self._queue.waiting_s and self.starved():
            self._changed.clear()
            await self._changed.wait()

    def _tick(self) -> AudioChunk:
        heard = self._next_input()
        if self._echo is not None:
            mixed = heard + self._echo.push(self._played[self._ticks])
            heard = np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
        chunk = AudioChunk(heard, RATE_HZ, self._ticks * TICK_S)
        self._played.append(self._queue.take(CHUNK_SAMPLES))
        self._ticks += 1
        self.notify()
        return chunk

    def _next_input(self) -> Pcm:
        at = self._ticks * CHUNK_SAMPLES
        part = self._recording[at : at + CHUNK_SAMPLES]
        if len(part) < CHUNK_SAMPLES:
            self.input_ended.set()
            part = np.concatenate((part, _SILENCE[len(part) :]))
        return part

    async def write(self, chunk: AudioChunk) -> float:
        while self._queue.full and not self._closed:
            await self._wait_for_change()
        sounds_at_s = (self._ticks + 1) * TICK_S + self._queue.waiting_s
        if self._resampler is None or self._resampler[0] != chunk.rate_hz:
            self._resampler = (chunk.rate_hz, Resampler(chunk.rate_hz, RATE_HZ))
        self._queue.push(self._resampler[1].push(chunk.pcm))
        self.notify()
        return sounds_at_s

    def clear(self) -> Playback:
        self._resampler = None
        return self._queue.end()

    async def drain(self) -> Playback:
        if self._resampler is not None:
            self._queue.push(self._resampler[1].flush())
            self._resampler = None
        while self._queue.waiting_s and not self._closed:
            await self._wait_for_change()
        return self._queue.end()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def duck(self, gain: float) -> None:
        self._queue.fader.ducked = gain

    async def aclose(self) -> None:
        self._closed = True
        self.notify()


def _echo_path(echo: Echo | None) -> EchoPath | None:
    if echo is None or echo.gain <= 0.0:
        return None
    room = None if echo.room is None else room_of(echo.room)
    delay_samples = round(echo.delay_ms * RATE_HZ / 1000)
    return EchoPath(echo.gain, delay_samples, room=room, overdrive=echo.overdrive)
