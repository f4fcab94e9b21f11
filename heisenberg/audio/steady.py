"""From a device's rate to 16 kHz, as evenly as the device delivers."""

from __future__ import annotations

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm


class SteadyResampler:
    """A stream of mono int16 to 16 kHz that is always equally late (13 ms).

    soxr's usual filters work in blocks of their own: of 20 ms they keep all back at one time and
    deliver 34 ms at the next. Its variable-rate filter is as good (82 dB) and even.
    """

    def __init__(self, from_hz: int) -> None:
        import soxr

        self._stream = (
            None
            if from_hz == RATE_HZ
            else soxr.ResampleStream(from_hz, RATE_HZ, 1, dtype="int16", vr=True)
        )

    def push(self, pcm: Pcm) -> Pcm:
        if self._stream is None:
            return pcm
        return np.asarray(self._stream.resample_chunk(pcm), dtype=np.int16)
