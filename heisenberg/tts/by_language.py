"""Several voices as one: each text is spoken by the voice of its language."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from heisenberg.audio.base import AudioChunk
from heisenberg.core.aio import task_group
from heisenberg.tts.base import TextToSpeech


class ByLanguage:
    """A ``TextToSpeech`` of several, which it owns."""

    def __init__(
        self, voices: Mapping[str, TextToSpeech], language_of: Callable[[str], str | None]
    ) -> None:
        """``voices`` by language, the usual one first; ``language_of`` tells which of them a text
        is in, ``None`` where that can't be told: a number is said in the language of what was said
        before it."""
        self._voices = voices
        self._language_of = language_of
        self._latest = next(iter(voices))

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        self._latest = self._language_of(text) or self._latest
        async with aclosing(self._voices[self._latest].synthesize(text, pace)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        async with task_group() as group:
            for voice in self._voices.values():
                group.create_task(voice.aclose())
