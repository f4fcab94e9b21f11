"""Sound in pieces of one size: each network wants its own frame length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heisenberg.audio.base import Pcm


class Rechunker:
    """Turns chunks of any length into frames of exactly ``frame_samples``, keeping the rest."""

    def __init__(self, frame_samples: int) -> None:
        self._frame_samples = frame_samples
        self._rest: Pcm = np.empty(0, dtype=np.int16)

    def push(self, pcm: Pcm) -> Iterator[Pcm]:
        """The frames that ``pcm`` completes, in order."""
        self._rest = np.concatenate((self._rest, pcm))
        while len(self._rest) >= self._frame_samples:
            frame, self._rest = (
                self._rest[: self._frame_samples],
                self._rest[self._frame_samples :],
            )
            yield frame

    def reset(self) -> None:
        """Drop the rest: what comes next does not follow it."""
        self._rest = self._rest[:0]
