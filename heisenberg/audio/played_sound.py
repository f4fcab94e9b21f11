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
_MARGIN: Final = round(0.03 * RATE_HZ)
"""So much waits after a reading: callbacks of two devices don't come in step, and the resampler
keeps a part of it back."""
_FADING_S: Final = 0.04
"""So long after its end nothing of a sound is left in the resampler."""
_FINE: Final = round(0.005 * RATE_HZ)
"""A smaller deviation is jitter."""
_COARSE: Final = round(0.1 * RATE_HZ)
"""A larger one is no drift: something was lost."""
_WINDOW_READS: Final = 50
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
        self._uneven = True
        self._least: list[int] = []
        self._drift = 0
        self._read_sound = False

    def hand(self, block: Pcm | int) -> None:
        """The speaker was given ``block``: samples at its rate, or how many of silence."""
        self._handed.append(block)

    def begin(self, rate_hz: int) -> None:
        """A speaker at ``rate_hz`` plays from now on."""
        self.stop()
        self._rate_hz = rate_hz

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
        self._uneven = True

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
        self._correct(samples)
        out = self._take(samples)
        self._observe()
        return out

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

    def _correct(self, samples: int) -> None:
        """Before a reading of ``samples``: leave something out, or put silence in."""
        if self._uneven:
            self._uneven = False
            self._shift(self._waiting - samples - self._unheard() - _MARGIN)
            self._least.clear()
            self._drift = 0
        elif self._drift:
            step = 1 if self._drift > 0 else -1
            self._drift -= step
            self._shift(step)

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

    def _observe(self) -> None:
        """The least that waits after a reading tells how the two sides stand."""
        self._least.append(self._waiting - self._unheard())
        if len(self._least) < _WINDOW_READS:
            return
        deviation = min(self._least) - _MARGIN
        self._least.clear()
        if abs(deviation) > _COARSE:
            self.level()
        elif abs(deviation) > _FINE:
            self._drift = deviation
