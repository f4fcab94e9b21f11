"""From one sample rate to another, in a stream (soxr)."""

from __future__ import annotations

import numpy as np

from heisenberg.audio.base import Pcm


class Resampler:
    """A stream of mono int16 from ``from_hz`` to ``to_hz``; passes through when they are equal."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        import soxr

        self._stream = (
            None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16")
        )

    def push(self, pcm: Pcm) -> Pcm:
        """What ``pcm`` yields; the filter keeps a few milliseconds back for the next call."""
        if self._stream is None:
            return pcm
        return np.asarray(self._stream.resample_chunk(pcm), dtype=np.int16)

    def flush(self) -> Pcm:
        """What was kept back; the stream is then over."""
        if self._stream is None:
            return np.empty(0, dtype=np.int16)
        empty = np.empty(0, dtype=np.int16)
        return np.asarray(self._stream.resample_chunk(empty, last=True), dtype=np.int16)
