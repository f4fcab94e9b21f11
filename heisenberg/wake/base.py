"""Hearing the wake word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from heisenberg.audio.base import Pcm


@dataclass(frozen=True, slots=True)
class WakeWord:
    """The wake word was heard: which model, how sure (0 to 1), and the words it listens for."""

    model: str
    score: float
    phrase: str


class WakeDetector(Protocol):
    """Listens for one or more wake words in consecutive frames."""

    @property
    def frame_samples(self) -> int:
        """How many 16 kHz samples a frame has."""
        ...

    @property
    def phrase(self) -> str:
        """What to say, as words: ``Hey Jarvis``."""
        ...

    async def process(self, frame: Pcm) -> WakeWord | None:
        """The wake word, if it ended in or just before ``frame``; reported once an utterance."""
        ...

    async def reset(self) -> None:
        """Forget what was heard."""
        ...

    async def aclose(self) -> None: ...
