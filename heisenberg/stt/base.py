"""Speech to text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from heisenberg.audio.base import Pcm


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said; ``text`` is empty when nothing was. ``language`` is an ISO 639-1 code."""

    text: str
    language: str


class SpeechToText(Protocol):
    """A recogniser, loaded once and shared."""

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        """The words of one utterance at 16 kHz.

        Noise, music and silence give an empty text, not invented words. ``aside``: it is one that
        still goes on, and holds up no other. ``quick``: its words are cut off somewhere, so the
        first guess at them will do. Raises ``EngineError``.
        """
        ...

    async def aclose(self) -> None: ...
