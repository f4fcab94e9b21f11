"""What the speaker really plays, level with the microphone: the echo canceller's far signal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.portaudio import BLOCK_S
from heisenberg.audio.steady import SteadyResampler

_KEPT_S: Final = 2.0
_MARGIN: Final = round(0.036 * RATE_HZ)
"""So much waits after a reading: callbacks of two devices don't come in step, and the resampler
keeps 14 ms of it back. It must not be more: a speaker of 30 ms is heard 44 ms later by a microphone
of which a resampler keeps 14 ms back too, and a canceller must know a sound before its echo."""
_FADING_S: Final = 0.04
"""So long after its end nothing of a sound is left in the resampler."""
_LEAST: Final = round(0.024 * RATE_HZ)
"""With less, some of it comes too late for its reading."""
_MOST: Final = round(0.1 * RATE_HZ)
"""Between these nothing is corrected. Sound servers let their buffers run half empty and fill them
again; a sample still sounds as long after its neighbours as it was handed over."""
_FINE: Final = round(0.003 * RATE_HZ)
"""So far below the least nothing is lost yet."""
_HARMLESS: Final = round(0.002 * RATE_HZ)
"""A canceller follows so much; more is another path to it."""
_COARSE: Final = round(0.1 * RATE_HZ)
"""So far outside something was lost."""
_WINDOW_READS: Final = 50
_SETTLED_READS: Final = 5
"""A speaker that ran dry is filled again by then."""
_STEP_S: Final = 0.15
"""A sample in so much time: an echo canceller follows that, and crystals are closer."""
_EMPTY: Final[Pcm] = np.empty(0, dtype=np.int16)


class PlayedSound:
    """An ``EchoReference``: filled on the speaker's thread, read in the event loop.

    A sample that is read with a sample of the microphone was handed to the speaker a constant
    time before: about as long as the two devices together are late. Two devices' clocks
    drift apart; that is made good one sample at a time, which nobody hears. After sound was lost
    on either side both are levelled at once.
    """

    def __init__(self, unheard: Callable[[], int]) -> None:
        """``unheard`` tells how many samples of the microphone wait to be taken."""
        self._unheard = unheard
        self.paths = 0
        self._handed: deque[Pcm | int] = deque(maxlen=round(_KEPT_S / BLOCK_S["output"]))
        self._rate_hz: int | None = None
        self._sound = _EMPTY
        self._silence = 0
        self._resampler: SteadyResampler | None = None
        self._ticks = 0
        """Samples that the resampler keeps back, times the speaker's rate."""
        self._fading = 0
        self._begun = False
        self._owed = 0
        self._level = _Level()
        self._read_sound = False

    def hand(self, block: Pcm | int) -> None:
        """The speaker was given ``block``: samples at its rate, or how many of silence."""
        self._handed.append(block)

    def begin(self, rate_hz: int) -> None:
        """A speaker at ``rate_hz`` plays from now on."""
        self.stop()
        self.paths += 1
        self._rate_hz = rate_hz

    def listen_anew(self) -> None:
        """Another microphone listens, or the same one opened again."""
        self.paths += 1
        self.level()

    def stop(self) -> None:
        """The speaker plays no more."""
        self._rate_hz = None
        self._resampler = None
        self._handed.clear()
        self._sound, self._silence = _EMPTY, 0
        self._ticks = 0
        self._begun = False
        self.level()

    def level(self) -> None:
        """Sound was lost on one side: make both level again at the next reading."""
        self._level.lose()

    @property
    def is_silent(self) -> bool:
        sounding = any(not isinstance(block, int) for block in tuple(self._handed))
        return not (self._read_sound or len(self._sound) or sounding)

    def read(self, samples: int) -> Pcm:
        if self._rate_hz is not None:
            self._receive(self._rate_hz)
        if not self._begun:
            self._read_sound = False
            return np.zeros(samples, dtype=np.int16)
        after_reading = self._waiting - samples - self._unheard()
        surplus = self._level.surplus(after_reading, samples)
        self.paths += abs(surplus) > _HARMLESS
        self._shift(surplus)
        return self._take(samples)

    def _receive(self, rate_hz: int) -> None:
        while self._handed:
            block = self._handed.popleft()
            self._begun = True
            if isinstance(block, int):
                self._ticks += block * RATE_HZ
                self._receive_silence(block, rate_hz)
            else:
                self._ticks += len(block) * RATE_HZ
                self._fading = 0
                self._receive_sound(block, rate_hz)
        if self._owed > 0:  # it comes too late: silence was read in its place
            self._owed -= self._drop(self._owed)

    def _receive_sound(self, pcm: Pcm, rate_hz: int) -> None:
        if self._resampler is None:
            self._resampler = SteadyResampler(rate_hz)
        resampled = self._resampler.push(pcm)
        self._ticks -= len(resampled) * rate_hz
        gap = np.zeros(self._silence, dtype=np.int16)
        self._sound = np.concatenate((self._sound, gap, resampled))
        self._silence = 0

    def _receive_silence(self, frames: int, rate_hz: int) -> None:
        if self._resampler is not None:
            self._receive_sound(np.zeros(frames, dtype=np.int16), rate_hz)
            self._fading += frames
            if self._fading >= _FADING_S * rate_hz:
                self._resampler = None
            return
        samples, self._ticks = divmod(self._ticks, rate_hz)
        self._silence += samples

    @property
    def _waiting(self) -> int:
        held = self._ticks // self._rate_hz if self._rate_hz is not None else 0
        return len(self._sound) + self._silence + held - self._owed

    def _drop(self, samples: int) -> int:
        """Leave out the next ``samples``, or as many as there are; tells how many."""
        from_sound = min(samples, len(self._sound))
        from_silence = min(samples - from_sound, self._silence)
        self._sound = self._sound[from_sound:]
        self._silence -= from_silence
        return from_sound + from_silence

    def _take(self, samples: int) -> Pcm:
        out = np.zeros(samples, dtype=np.int16)
        sound = self._sound[:samples]
        out[: len(sound)] = sound
        self._read_sound = len(sound) > 0
        self._owed += samples - self._drop(samples)
        return out

    def _shift(self, surplus: int) -> None:
        """Leave out ``surplus`` samples, or put in as many as are missing."""
        if surplus > 0:
            self._drop(surplus)
            return
        owed = min(self._owed, -surplus)
        self._owed -= owed
        missing = -surplus - owed
        if len(self._sound) == 0:
            self._silence += missing
        elif missing:
            filler = np.full(missing, self._sound[0] if missing == 1 else 0, dtype=np.int16)
            self._sound = np.concatenate((filler, self._sound))


class _Level:
    """Decides when the two sides are made level, from how many samples wait after each reading."""

    def __init__(self) -> None:
        self._seen: list[int] = []
        self._lost = True
        self._settling = False
        self._drift = 0
        self._since = 0

    def lose(self) -> None:
        """Sound was lost on one side."""
        self._lost = True

    def surplus(self, waiting: int, samples: int) -> int:
        """How many to leave out before a reading of ``samples``; fewer than none: to put in.

        ``waiting`` is how many would be left after it.
        """
        if self._lost:
            return self._level_at_once(waiting)
        self._seen.append(waiting)
        if len(self._seen) >= (_SETTLED_READS if self._settling else _WINDOW_READS):
            usual = sorted(self._seen)[len(self._seen) // 2]
            self._seen.clear()
            excess = max(0, usual - _MOST) + min(0, usual - _LEAST)
            if self._settling or abs(excess) > _COARSE:
                return self._level_at_once(usual, settling=False)
            if excess < -_FINE:
                return excess
            self._drift = excess
        return self._step(samples)

    def _level_at_once(self, waiting: int, *, settling: bool = True) -> int:
        self._lost = False
        self._settling = settling
        self._seen.clear()
        self._drift = 0
        return waiting - _MARGIN

    def _step(self, samples: int) -> int:
        """A sample at a time, now and then."""
        self._since += samples
        if not self._drift or self._since < _STEP_S * RATE_HZ:
            return 0
        self._since = 0
        step = 1 if self._drift > 0 else -1
        self._drift -= step
        return step
