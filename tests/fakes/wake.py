"""A wake detector that hears one particular sound, and a listener that answers from a list."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import EngineError
from heisenberg.wake.base import WakeWord

_WAKE_LEVEL: Final = 12_321
_WAKE_SAMPLES: Final = 8_000


def wake_sound() -> Pcm:
    """Half a second of sound that ``ScriptedWake`` takes for the wake word; a VAD hears speech."""
    return np.full(_WAKE_SAMPLES, _WAKE_LEVEL, dtype=np.int16)


class ScriptedWake:
    """A ``WakeDetector`` that reports in the frame in which a whole ``wake_sound`` has passed.

    It is always as sure as ``score`` says.
    """

    def __init__(
        self, *, frame_samples: int = 1280, phrase: str = "Hey Jarvis", score: float = 0.99
    ) -> None:
        self._frame_samples = frame_samples
        self._phrase = phrase
        self._score = score
        self._heard_samples = 0
        self.resets = 0
        self.closed = False

    @property
    def frame_samples(self) -> int:
        return self._frame_samples

    @property
    def phrase(self) -> str:
        return self._phrase

    @property
    def phrases(self) -> tuple[str, ...]:
        return (self._phrase,)

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        if self.closed:
            raise EngineError("The wake word detector is closed.")
        before = self._heard_samples
        hits = int(np.count_nonzero(frame == _WAKE_LEVEL))
        self._heard_samples = before + hits if hits else 0
        if before < _WAKE_SAMPLES <= self._heard_samples and self._score >= at_least:
            return WakeWord("scripted", self._score, self._phrase)
        return None

    async def reset(self) -> None:
        self._heard_samples = 0
        self.resets += 1

    async def aclose(self) -> None:
        self.closed = True


class ScriptedListener:
    """A ``PhraseListener`` that gives ``fits`` one after the other, the last one for ever.

    ``asked`` keeps the phrases and how much sound came with them; an ``error`` is raised in place
    of an answer.
    """

    def __init__(self, *fits: float, error: EngineError | None = None) -> None:
        self._left = list(fits) or [0.0]
        self._error = error
        self.asked: list[tuple[str, float]] = []

    async def fit(self, sound: Pcm, phrase: str) -> float:
        self.asked.append((phrase, len(sound) / RATE_HZ))
        if self._error is not None:
            raise self._error
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]
