"""A live microphone that goes on while its device comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.live_clock import LiveTime, StreamClock
from heisenberg.audio.live_quiet import Quiet
from heisenberg.audio.portaudio import BLOCK_S, Opened
from heisenberg.audio.steady import SteadyResampler

_BLOCK_S: Final = BLOCK_S["input"]
_BACKLOG_S: Final = 10.0
"""Sound that nobody has taken for so long is dropped."""
_SILENCE_LAG_S: Final = 0.15
"""Silence that stands for an absent microphone stays so far behind the clock, so that the first
sound of one that is back, which is a little older than now, does not come before its end."""
_SILENCE_CHUNKS: Final = 10
_AT_ONCE: Final = 12
"""In quiet so many blocks (0.24 s) are taken at once, which costs a quarter of the computing."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Block:
    number: int
    data: bytes
    arrived_s: float
    overflowed: bool


class Capture:
    """A microphone's stream: the bytes that have arrived."""

    def __init__(self, now_s: Callable[[], float], arrived: Callable[[], None]) -> None:
        """``arrived`` is called on PortAudio's thread when ``at_once`` blocks wait."""
        self._now_s = now_s
        self._arrived = arrived
        self.blocks: deque[_Block] = deque(maxlen=round(_BACKLOG_S / _BLOCK_S))
        self.at_once = 1
        """How many blocks are waited for."""
        self.count = 0
        self.finished = False

    def copy(self, data: Any, _frames: int, _when: Any, status: Any, /) -> None:
        overflowed = bool(status) and status.input_overflow
        self.blocks.append(_Block(self.count, bytes(data), self._now_s(), overflowed))
        self.count += 1
        if len(self.blocks) >= self.at_once:
            self._arrived()


class LiveSource:
    """An ``AudioSource`` to which the card attaches a stream, and from which it takes it.

    While there is none it yields silence at the clock's pace, so that what counts time in sound
    goes on. After sound was lost, the times of the chunks jump.
    """

    def __init__(
        self,
        time: LiveTime,
        *,
        may_rest: Callable[[], bool],
        opened: Callable[[], None],
        lost: Callable[[], None],
        release: Callable[[], Awaitable[None]],
    ) -> None:
        """``may_rest`` tells whether it does not matter that sound after a long quiet is heard
        0.2 s later. ``opened`` is called with every new stream, ``lost`` when sound is missing;
        ``release`` gives the device back.
        """
        self._time = time
        self._may_rest = may_rest
        self._opened = opened
        self._lost = lost
        self._release = release
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._stream: _Stream | None = None
        self._ended = False
        self._heard_until_s: float | None = None
        self.overruns = 0
        """How often sound was lost because this machine was too slow."""

    def make_copier(self, _rate_hz: int, _channels: int) -> Capture:
        """A new copier; on any thread."""

        def arrived() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended; so will the stream
                self._loop.call_soon_threadsafe(self._changed.set)

        return Capture(self._time.now_s, arrived)

    def attach(self, opened: Opened[Capture]) -> None:
        self._stream = _Stream(opened)
        self._opened()
        self._changed.set()

    def detach(self) -> None:
        self._stream = None
        self._changed.set()

    @property
    def waiting(self) -> int:
        """How many 16 kHz samples have arrived and were not taken yet, about."""
        blocks = len(self._stream.capture.blocks) if self._stream is not None else 0
        return round(blocks * _BLOCK_S * RATE_HZ)

    @property
    def zeros_s(self) -> float:
        """For how long the stream has delivered nothing but zeros."""
        return self._stream.zeros_s if self._stream is not None else 0.0

    @property
    def heard_anything(self) -> bool:
        """Whether the stream has delivered anything but zeros."""
        return self._stream is not None and self._stream.heard_anything

    @property
    def may_rest(self) -> bool:
        """A microphone always listens."""
        return False

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        self._heard_until_s = self._time.now_s()
        if self._stream is not None:  # what was said before anybody listened
            self._stream.capture.blocks.clear()
        while not self._ended:
            stream = self._stream
            if stream is None or stream.capture.count == 0:
                if (silence := self._silence()) is not None:
                    yield silence
                else:
                    await self._time.sleep(_BLOCK_S)
            elif stream.capture.blocks:
                chunk = self._next(stream)
                if chunk is not None:
                    yield chunk
            else:
                self._changed.clear()
                await self._changed.wait()

    async def aclose(self) -> None:
        self.end()
        await self._release()

    def end(self) -> None:
        """A running iteration ends."""
        self._ended = True
        self._changed.set()

    def _next(self, stream: _Stream) -> AudioChunk | None:
        if stream.lost_before_next:
            self.overruns += 1
            self._lost()
            _log.warning("sound from the microphone was lost: this machine is too slow")
        chunk = stream.take()
        resting = stream.quiet.is_long and self._may_rest()
        stream.capture.at_once = _AT_ONCE if resting else 1
        if chunk is not None:
            self._heard_until_s = chunk.t_s + chunk.duration_s
        return chunk

    def _silence(self) -> AudioChunk | None:
        """What has passed since the last chunk."""
        assert self._heard_until_s is not None
        begin_s = self._heard_until_s
        passed_s = self._time.now_s() - _SILENCE_LAG_S - begin_s
        chunks = min(int(passed_s * RATE_HZ) // CHUNK_SAMPLES, _SILENCE_CHUNKS)
        if chunks <= 0:
            return None
        pcm: Pcm = np.zeros(chunks * CHUNK_SAMPLES, dtype=np.int16)
        self._heard_until_s = begin_s + len(pcm) / RATE_HZ
        return AudioChunk(pcm, RATE_HZ, begin_s)


class _Stream:
    """One stream's sound at 16 kHz, with its times."""

    def __init__(self, opened: Opened[Capture]) -> None:
        self.capture = opened.copier
        self._rate_hz = opened.rate_hz
        self._channels = opened.channels
        self._resampler = SteadyResampler(opened.rate_hz)
        self._clock = StreamClock(opened.latency_s)
        self._next_number = 0
        self._frames_in = 0
        self._samples_out = 0
        self._rest: Pcm = np.empty(0, dtype=np.int16)
        self.quiet = Quiet()
        self.zeros_s = 0.0
        self.heard_anything = False

    @property
    def lost_before_next(self) -> bool:
        block = self.capture.blocks[0]
        return block.overflowed or (self._next_number > 0 and block.number != self._next_number)

    def take(self) -> AudioChunk | None:
        """What has arrived without a gap, in whole pieces of 10 ms, if it completes any."""
        lost = self.lost_before_next
        blocks = [self._pop()]
        while self.capture.blocks and not self.lost_before_next and len(blocks) < _AT_ONCE:
            blocks.append(self._pop())
        captured = np.frombuffer(b"".join(block.data for block in blocks), dtype=np.int16)
        frames = len(captured) // self._channels
        duration_s = frames / self._rate_hz
        end_s = self._clock.place(duration_s, blocks[-1].arrived_s, lost=lost) + duration_s
        self._note_zeros(captured, duration_s)
        self.quiet.note(captured, duration_s)
        self._frames_in += frames
        held_s = self._frames_in / self._rate_hz - self._samples_out / RATE_HZ
        ready = np.concatenate((self._rest, self._resampler.push(self._mono(captured))))
        whole = len(ready) // CHUNK_SAMPLES * CHUNK_SAMPLES
        self._rest = ready[whole:]
        if whole == 0:
            return None
        self._samples_out += whole
        return AudioChunk(ready[:whole], RATE_HZ, end_s - held_s)

    def _pop(self) -> _Block:
        block = self.capture.blocks.popleft()
        self._next_number = block.number + 1
        return block

    def _note_zeros(self, captured: Pcm, duration_s: float) -> None:
        if captured.any():
            self.zeros_s = 0.0
            self.heard_anything = True
        else:
            self.zeros_s += duration_s

    def _mono(self, captured: Pcm) -> Pcm:
        if self._channels == 1:
            return captured
        both = np.add(captured[::2], captured[1::2], dtype=np.int32)
        return np.asarray((both + 1) >> 1, dtype=np.int16)
