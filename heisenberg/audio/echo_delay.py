"""How late the microphone hears what the speaker plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm

MAX_DELAY_S: Final = 1.0

_WINDOW: Final = RATE_HZ
_MAX_DELAY: Final = round(MAX_DELAY_S * RATE_HZ)
_STEP: Final = RATE_HZ // 4
_SIZE: Final = 1 << (_WINDOW + _MAX_DELAY - 1).bit_length()
_FORGET: Final = 0.6
"""Part of the earlier windows that each new one is added to."""
_AUDIBLE_RMS: Final = 10.0
_SURE: Final = 15.0
"""Measured, in made-up rooms with somebody talking meanwhile: the right delay stands out by 22 and
more from the correlation's root mean square, a wrong one by 9 and less."""
_BEFORE: Final = RATE_HZ // 50
"""A reflection may be stronger than the direct sound, which came so much earlier at most."""
_DIRECT: Final = 0.5
"""The direct sound, against the strongest."""

_frequencies_hz = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
_BAND: Final = ((_frequencies_hz > 200) & (_frequencies_hz < 6000)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Delay:
    """When the direct sound arrives; ``confidence`` is 1 and more where it is beyond doubt."""

    samples: int
    confidence: float


class DelayTracker:
    """Generalised cross-correlation with phase transform (Knapp and Carter, 1976).

    Every quarter second of played sound the last second of the microphone is compared with what
    was played up to a second earlier.
    """

    def __init__(self) -> None:
        self._near = np.zeros(_WINDOW, dtype=np.float32)
        self._far = np.zeros(_WINDOW + _MAX_DELAY, dtype=np.float32)
        self._spectrum: npt.NDArray[np.complex64] | None = None
        self._new: list[tuple[Pcm, Pcm]] = []
        self._since = 0

    def push(self, near: Pcm, far: Pcm) -> Delay | None:
        """A new measurement when one is due and something was played; however doubtful."""
        self._new.append((near, far))
        self._since += len(near)
        if self._since < _STEP:
            return None
        _shift_in(self._near, np.concatenate([near for near, _ in self._new]))
        _shift_in(self._far, np.concatenate([far for _, far in self._new]))
        self._new.clear()
        self._since = 0
        heard = self._far[-_WINDOW:]
        if float(heard @ heard) < _AUDIBLE_RMS**2 * _WINDOW:
            return None
        return self._measure()

    def reset(self) -> None:
        """Forget what was heard."""
        self._near[:] = 0
        self._far[:] = 0
        self._spectrum = None
        self._new.clear()
        self._since = 0

    def _measure(self) -> Delay:
        far, near = np.fft.rfft(self._far, _SIZE), np.fft.rfft(self._near, _SIZE)
        cross = (near * np.conj(far)).astype(np.complex64, copy=False)
        if self._spectrum is not None:
            cross += np.complex64(_FORGET) * self._spectrum
        self._spectrum = cross
        correlation = np.fft.irfft(cross / (np.abs(cross) + 1e-3) * _BAND, _SIZE)
        # The microphone's window lines up with the end of the far one: lag -_MAX_DELAY is no delay.
        by_delay = np.abs(np.concatenate((correlation[-_MAX_DELAY:], correlation[:1])))
        return _direct_sound(by_delay)


def _direct_sound(by_delay: npt.NDArray[np.float32]) -> Delay:
    strongest = int(np.argmax(by_delay))
    height = float(by_delay[strongest])
    begin = max(0, strongest - _BEFORE)
    early = by_delay[begin : strongest + 1] >= _DIRECT * height
    usual = float(np.sqrt(np.mean(np.square(by_delay))))
    return Delay(begin + int(np.argmax(early)), height / (_SURE * usual) if usual else 0.0)


def _shift_in(window: npt.NDArray[np.float32], pcm: Pcm) -> None:
    window[: -len(pcm)] = window[len(pcm) :]
    window[-len(pcm) :] = pcm
