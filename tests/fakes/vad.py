"""Voice activity by loudness."""

from __future__ import annotations

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import EngineError


class ScriptedVad:
    """A ``VoiceActivityDetector`` to which every frame louder than ``threshold`` is speech.

    Loudness is the root mean square of the samples.
    """

    def __init__(self, *, frame_samples: int = 512, threshold: float = 500.0) -> None:
        self._frame_samples = frame_samples
        self._threshold = threshold
        self.resets = 0
        self.closed = False

    @property
    def frame_samples(self) -> int:
        return self._frame_samples

    async def probability(self, frame: Pcm) -> float:
        if self.closed:
            raise EngineError("The voice activity detector is closed.")
        loudness = float(np.sqrt(np.mean(np.square(frame, dtype=np.float64))))
        return 0.98 if loudness > self._threshold else 0.01

    async def reset(self) -> None:
        self.resets += 1

    async def aclose(self) -> None:
        self.closed = True
