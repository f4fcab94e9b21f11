"""An echo canceller that finds the echo, follows it, and lets a voice through unharmed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, EchoCanceller, Pcm
from heisenberg.audio.echo_delay import MAX_DELAY_S, Delay, DelayTracker
from heisenberg.audio.echo_filter import EchoFilter
from heisenberg.audio.near_voice import NearVoice

_LEVEL: Final = RATE_HZ // 100
"""The reference is held back until the echo follows it by so much."""
_EARLIEST: Final = RATE_HZ // 500
_LATEST: Final = RATE_HZ * 6 // 100
"""Between these nothing is changed: every change costs a second of learning."""
_SAME: Final = RATE_HZ // 500
_SURE: Final = 2.0
_LATE: Final = 128
"""WebRTC's canceller gives its samples back so much later."""
_REST_GAIN: Final = 0.3
"""What the suppressor leaves is speech-like now and then; quieter by so much, nothing hears it."""
_LOSS_FORGETS: Final = 0.995
_HEARD_RMS: Final = 30.0


class RoomCanceller:
    """An ``EchoCanceller`` around another one, a suppressor: all echo goes, voices suffer.

    A linear filter beside it leaves some of the echo and no scratch on a voice. While somebody
    speaks its sound is what comes out, otherwise the suppressor's. It comes out 8 ms late.
    """

    def __init__(self, suppressor: EchoCanceller) -> None:
        """``suppressor`` must give back its sound 8 ms late, as ``WebRtcCanceller`` does."""
        self._suppressor = suppressor
        self._filter = EchoFilter()
        self._voice = NearVoice()
        self._tracker = DelayTracker()
        self._line = _DelayLine(round(MAX_DELAY_S * RATE_HZ))
        self._delay: Delay | None = None
        self._measured: Delay | None = None
        self._linear = np.zeros(_LATE + CHUNK_SAMPLES, dtype=np.float32)
        self._shares = (0.0, 1.0)
        self._powers: tuple[float, float] | None = None

    @property
    def delay_ms(self) -> float | None:
        """How much later than it was read from the reference a sample is heard, once known."""
        return self._delay.samples * 1000 / RATE_HZ if self._delay else None

    @property
    def echo_loss_db(self) -> float | None:
        """How much of the echo is taken away while nobody speaks; the room's noise limits it."""
        if self._powers is None:
            return None
        heard, left = self._powers
        return float(10 * np.log10((heard + 1.0) / (left + 1.0)))

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        out = np.empty_like(near)
        for at in range(0, len(near), CHUNK_SAMPLES):
            frame = slice(at, at + CHUNK_SAMPLES)
            out[frame] = self._process_frame(near[frame], far[frame])
        return out

    def reset(self) -> None:
        self._tracker.reset()
        self._voice.reset()
        self._line.held = 0
        self._delay = self._measured = None
        self._begin_anew()

    async def aclose(self) -> None:
        await self._suppressor.aclose()

    def _process_frame(self, near: Pcm, far: Pcm) -> Pcm:
        measured = self._tracker.push(near, far)
        if measured is not None and measured.confidence >= 1.0:
            self._follow(measured)
        far = self._line.push(far)
        suppressed = self._suppressor.process(near, far)
        rest = self._filter.process(near, far)
        speaks = self._voice.hears(rest, near, far, placed=self._delay is not None)
        if self._voice.echoing and self._voice.warm and not speaks:
            self._note_loss(near, suppressed)
        _shift_in(self._linear, rest)
        return self._mix(suppressed, speaks)

    def _follow(self, delay: Delay) -> None:
        """Hold the reference back as long as ``delay`` says, if it is sure or measured twice."""
        before, self._measured = self._measured, delay
        alike = before is not None and abs(before.samples - delay.samples) <= _SAME
        if not alike and delay.confidence < _SURE:
            return
        self._delay = delay
        ahead = delay.samples - self._line.held
        if _EARLIEST <= ahead <= _LATEST or (ahead < _EARLIEST and not self._line.held):
            return
        self._line.held = max(0, delay.samples - _LEVEL)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._suppressor.reset()
        self._filter.reset()
        self._voice.relearn()
        self._powers = None

    def _mix(self, suppressed: Pcm, speaks: bool) -> Pcm:
        """The linear filter's sound while somebody speaks, faded over within 10 ms."""
        before, self._shares = self._shares, self._next_shares(speaks)
        if self._shares == before == (0.0, 1.0):
            return suppressed
        shares = np.linspace(before, self._shares, CHUNK_SAMPLES, dtype=np.float32)
        mixed = shares[:, 0] * self._linear[:CHUNK_SAMPLES] + shares[:, 1] * suppressed
        return np.clip(mixed, -32768, 32767).astype(np.int16)

    def _next_shares(self, speaks: bool) -> tuple[float, float]:
        if speaks:
            return 1.0, 0.0
        if not self._voice.echoing:
            return 0.0, 1.0
        return 0.0, _REST_GAIN * self._voice.trust

    def _note_loss(self, near: Pcm, left: Pcm) -> None:
        heard_power, left_power = _power(near), _power(left)
        if heard_power < _HEARD_RMS**2:
            return
        if self._powers is None:
            self._powers = heard_power, left_power
        kept, new = _LOSS_FORGETS, 1 - _LOSS_FORGETS
        heard, rest = self._powers
        self._powers = kept * heard + new * heard_power, kept * rest + new * left_power


class _DelayLine:
    """Gives sound back ``held`` samples later."""

    def __init__(self, longest: int) -> None:
        self.held = 0
        self._past = np.zeros(longest + CHUNK_SAMPLES, dtype=np.int16)

    def push(self, frame: Pcm) -> Pcm:
        _shift_in(self._past, frame)
        end = len(self._past) - self.held
        return self._past[end - CHUNK_SAMPLES : end].copy()


def _shift_in(window: npt.NDArray[Any], frame: npt.NDArray[Any]) -> None:
    window[:-CHUNK_SAMPLES] = window[CHUNK_SAMPLES:]
    window[-CHUNK_SAMPLES:] = frame


def _power(pcm: Pcm) -> float:
    samples: npt.NDArray[np.float32] = pcm.astype(np.float32)
    return float(samples @ samples) / len(samples)
