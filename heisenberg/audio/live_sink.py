"""A live speaker that goes on while its device comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import AudioChunk, Playback
from heisenberg.audio.fader import Fader
from heisenberg.audio.live_clock import LiveTime
from heisenberg.audio.played_sound import PlayedSound
from heisenberg.audio.playqueue import PlayQueue
from heisenberg.audio.portaudio import Opened
from heisenberg.audio.resample import Resampler
from heisenberg.core.errors import DeviceLost

_PATIENCE_S: Final = 20.0
"""A reply does not wait longer for a speaker."""
_LOOK_S: Final = 0.02
_REST_AFTER_S: Final = 120.0
"""Longer than a user who has heard one reply thinks of the next question."""
_UNOPENED_HZ: Final = 48_000
"""The rate of what waits before the first speaker was opened."""


class Feed:
    """A speaker's stream: hands over what waits in its queue, and silence when nothing does."""

    def __init__(
        self, queue: PlayQueue, channels: int, reference: PlayedSound, took: Callable[[], None]
    ) -> None:
        """``took`` is called on PortAudio's thread when sound has left the queue."""
        self.queue = queue
        self._channels = channels
        self._reference = reference
        self._took = took
        self.count = 0
        self.silent_frames = 0
        """So many it has handed over since the last sound, or since it began."""
        self.underruns = 0
        self.finished = False

    def copy(self, data: Any, frames: int, _when: Any, status: Any, /) -> None:
        if status and status.output_underflow:
            self.underruns += 1
            self._reference.level()
        if self.queue.waiting_s > 0.0:
            pcm = self.queue.take(frames)
            data[:] = np.repeat(pcm, self._channels).tobytes()
            self._reference.hand(pcm)
            self.silent_frames = 0
            self._took()
        else:
            data[:] = bytes(len(data))
            self._reference.hand(frames)
            self.silent_frames += frames
        self.count += 1


class LiveSink:
    """An ``AudioSink`` to which the card attaches a stream, and from which it takes it.

    While there is none, writers wait, and what was queued stays; after 20 s without a speaker
    ``write`` and ``drain`` raise ``DeviceLost``. After two minutes of silence the stream may be
    taken to save its cost: whoever writes, or says that sound is to come, has it opened again.
    """

    def __init__(
        self,
        time: LiveTime,
        fader: Fader,
        reference: PlayedSound,
        release: Callable[[], Awaitable[None]],
        rouse: Callable[[], None],
    ) -> None:
        """``release`` gives the device back; ``rouse`` asks for a stream that rests."""
        self._time = time
        self._fader = fader
        self._reference = reference
        self._release = release
        self._rouse = rouse
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._stream: Opened[Feed] | None = None
        self._rate_hz = _UNOPENED_HZ
        self._queue = PlayQueue(_UNOPENED_HZ, fader)
        self._resampler: tuple[int, Resampler] | None = None
        self._away_since_s = time.now_s()
        self._played_before_s = 0.0
        self._underruns = 0
        self._sound_expected = False
        self._ended = False
        self.in_reply = False
        """Whether anything was written that was neither played to its end nor cleared."""

    @property
    def underruns(self) -> int:
        """How often the device ran dry because this machine was too slow."""
        return self._underruns + (self._stream.copier.underruns if self._stream else 0)

    def make_copier(self, rate_hz: int, channels: int) -> Feed:
        """A new copier; on any thread."""
        return Feed(PlayQueue(rate_hz, self._fader), channels, self._reference, self._took)

    def attach(self, opened: Opened[Feed]) -> None:
        """What waits goes on with this stream."""
        self._flush()
        self._reference.begin(opened.rate_hz)
        old, old_hz, self._queue = self._queue, self._rate_hz, opened.copier.queue
        self._rate_hz = opened.rate_hz
        old.fader = Fader()  # the new queue's turns the volume down, once
        rest = old.take(round(old.waiting_s * old_hz))
        self._played_before_s += old.end().played_s - len(rest) / old_hz
        resampler = Resampler(old_hz, opened.rate_hz)
        self._queue.push(resampler.push(rest))
        self._queue.push(resampler.flush())
        self._stream = opened
        self._changed.set()

    def detach(self) -> None:
        if self._stream is not None:
            self._underruns += self._stream.copier.underruns
            self._stream = None
        self._away_since_s = self._time.now_s()
        self._reference.stop()
        self._changed.set()

    @property
    def zeros_s(self) -> float:
        """A speaker is never too silent."""
        return 0.0

    @property
    def heard_anything(self) -> bool:
        return True

    @property
    def may_rest(self) -> bool:
        if self._stream is None or self._sound_expected or self._queue.waiting_s > 0.0:
            return False
        return self._stream.copier.silent_frames >= _REST_AFTER_S * self._rate_hz

    def expect_sound(self, expected: bool) -> None:
        """Whether there may be something to say soon: then the speaker is kept ready for it."""
        self._sound_expected = expected
        if expected and self._stream is None:
            self._rouse()

    async def write(self, chunk: AudioChunk) -> float:
        self.in_reply = True
        if self._stream is None:
            self._rouse()
        while self._queue.full or self._stream is None:
            await self._change()
        if self._resampler is None or self._resampler[0] != chunk.rate_hz:
            self._flush()
            self._resampler = (chunk.rate_hz, Resampler(chunk.rate_hz, self._rate_hz))
        sounds_at_s = self._time.now_s() + self._queue.waiting_s + self._stream.latency_s
        self._queue.push(self._resampler[1].push(chunk.pcm))
        return sounds_at_s

    def clear(self) -> Playback:
        self._resampler = None
        self._changed.set()
        return self._end()

    async def drain(self) -> Playback:
        self._flush()
        while self._queue.waiting_s > 0.0:
            await self._change()
        if self._stream is not None:
            await self._time.sleep(self._stream.latency_s)
        return self._end()

    def duck(self, gain: float) -> None:
        self._fader.ducked = gain

    async def aclose(self) -> None:
        self.end()
        await self._release()

    def end(self) -> None:
        """Nothing more will sound: those who wait give up."""
        self._ended = True
        self._changed.set()

    def _took(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended; so will the stream
            self._loop.call_soon_threadsafe(self._changed.set)

    def _flush(self) -> None:
        if self._resampler is not None:
            self._queue.push(self._resampler[1].flush())
            self._resampler = None

    def _end(self) -> Playback:
        playback = self._queue.end()
        played_s = self._played_before_s + playback.played_s
        self._played_before_s = 0.0
        self.in_reply = False
        return Playback(played_s, playback.interrupted)

    async def _change(self) -> None:
        """Wait until something has changed. Raises ``DeviceLost`` when it is no use to wait."""
        if self._ended:
            raise DeviceLost("The speaker is closed.", "Start Heisenberg again.")
        away_s = self._time.now_s() - self._away_since_s
        if self._stream is None and away_s > _PATIENCE_S:
            raise DeviceLost(
                f"The speaker has been away for {away_s:.0f} s.",
                "Connect it again; Heisenberg uses it as soon as it is back.",
            )
        if self._stream is None:
            await self._time.sleep(_LOOK_S)
        else:
            self._changed.clear()
            await self._changed.wait()
