"""A wake detector that hears one particular sound."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import EngineError
from heisenberg.wake.base import WakeWord

_WAKE_LEVEL: Final = 12_321
_WAKE_SAMPLES: Final = 8_000


def wake_sound() -> Pcm:
    """Half a second of sound that ``ScriptedWake`` takes for the wake word; a VAD hears speech."""
    return np.full(_WAKE_SAMPLES, _WAKE_LEVEL, dtype=np.int16)


class ScriptedWake:
    """A ``WakeDetector`` that reports in the frame in which a whole ``wake_sound`` has passed."""

    def __init__(self, *, frame_samples: int = 1280, phrase: str = "Hey Jarvis") -> None:
        self._frame_samples = frame_samples
        self._phrase = phrase
        self._heard_samples = 0
        self.resets = 0
        self.closed = False

    @property
    def frame_samples(self) -> int:
        return self._frame_samples

    @property
    def phrase(self) -> str:
        return self._phrase

    async def process(self, frame: Pcm) -> WakeWord | None:
        if self.closed:
            raise EngineError("The wake word detector is closed.")
        before = self._heard_samples
        hits = int(np.count_nonzero(frame == _WAKE_LEVEL))
        self._heard_samples = before + hits if hits else 0
        if before < _WAKE_SAMPLES <= self._heard_samples:
            return WakeWord("scripted", 0.99, self._phrase)
        return None

    async def reset(self) -> None:
        self._heard_samples = 0
        self.resets += 1

    async def aclose(self) -> None:
        self.closed = True
