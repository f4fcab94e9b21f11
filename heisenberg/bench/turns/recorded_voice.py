"""Voices that say something known: what the speaker plays can be compared with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.tts.base import TextToSpeech

_STEP = RATE_HZ // 2


class RecordedVoice:
    """A ``TextToSpeech`` that plays ``pcm`` (16 kHz), whatever the text."""

    def __init__(self, pcm: Pcm) -> None:
        self.pcm = pcm

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        del text, pace
        for at in range(0, len(self.pcm), _STEP):
            yield AudioChunk(self.pcm[at : at + _STEP], RATE_HZ)

    async def aclose(self) -> None:
        pass


class RememberedVoice:
    """A ``TextToSpeech`` that speaks as ``voice`` does, and a text always the same way again."""

    def __init__(self, voice: TextToSpeech) -> None:
        self._voice = voice
        self._known: dict[str, list[AudioChunk]] = {}

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        del pace
        if text not in self._known:
            async with aclosing(self._voice.synthesize(text)) as sound:
                self._known[text] = [chunk async for chunk in sound]
        for chunk in self._known[text]:
            yield chunk

    async def aclose(self) -> None:
        self._known.clear()
