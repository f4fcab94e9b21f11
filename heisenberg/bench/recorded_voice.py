"""A voice that says something known: what the speaker plays can be compared with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm

_STEP = RATE_HZ // 2


class RecordedVoice:
    """A ``TextToSpeech`` that plays ``pcm`` (16 kHz), whatever the text."""

    def __init__(self, pcm: Pcm) -> None:
        self.pcm = pcm

    async def synthesize(self, text: str) -> AsyncGenerator[AudioChunk, None]:
        del text
        for at in range(0, len(self.pcm), _STEP):
            yield AudioChunk(self.pcm[at : at + _STEP], RATE_HZ)

    async def aclose(self) -> None:
        pass
