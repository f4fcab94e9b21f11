"""The way from a made-up loudspeaker to a made-up microphone."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.room_response import room_response

_Floats = npt.NDArray[np.float64]

_FULL_SCALE: Final = 32768.0
_DIRECT: Final = np.ones(1)
_SHORTEST_RT60_S: Final = 0.15
_LONGEST_RT60_S: Final = 0.5
_KEPT: Final = 2 / 3
"""Of the time in which a room's sound falls by 60 dB: the rest lies below -40 dB."""


def room_of(seed: int) -> _Floats:
    """The response of a small room, from a furnished bedroom to a bare kitchen; its energy is 1."""
    rt60_s = np.random.default_rng(seed).uniform(_SHORTEST_RT60_S, _LONGEST_RT60_S)
    response = room_response(seed, rt60_s, RATE_HZ)
    kept = response[: round(len(response) * _KEPT)]
    normal: _Floats = kept / np.sqrt(np.sum(kept**2))
    return normal


class EchoPath:
    """A stream of played sound becomes the stream of its echo.

    ``room`` is the response of the room, ``None`` for the open air. ``overdrive`` above 0 is how
    far the loudspeaker is driven into soft clipping: 1 bends full scale by a quarter.
    """

    def __init__(
        self,
        gain: float,
        delay_samples: int,
        *,
        room: _Floats | None = None,
        overdrive: float = 0.0,
    ) -> None:
        response = gain * (_DIRECT if room is None else room)
        self._length = len(response) + CHUNK_SAMPLES - 1
        self._size = 1 << (self._length - 1).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._delay_samples = delay_samples
        self._overdrive = overdrive
        self._coming = np.zeros(delay_samples + self._length + CHUNK_SAMPLES)

    def push(self, played: Pcm) -> _Floats:
        """10 ms of echo for 10 ms of sound; what is played now is heard in it after the delay."""
        if played.any():
            echo = np.fft.irfft(np.fft.rfft(self._bent(played), self._size) * self._spectrum)
            begin = self._delay_samples
            self._coming[begin : begin + self._length] += echo[: self._length]
        now = self._coming[:CHUNK_SAMPLES].copy()
        self._coming[:-CHUNK_SAMPLES] = self._coming[CHUNK_SAMPLES:]
        self._coming[-CHUNK_SAMPLES:] = 0.0
        return now

    def _bent(self, played: Pcm) -> _Floats:
        if not self._overdrive:
            return played.astype(np.float64)
        driven = np.tanh(played * (self._overdrive / _FULL_SCALE))
        bent: _Floats = driven * (_FULL_SCALE / self._overdrive)
        return bent
