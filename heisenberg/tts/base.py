"""Text to speech."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from heisenberg.audio.base import AudioChunk


class TextToSpeech(Protocol):
    """A voice, loaded once and shared."""

    def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        """Speak ``text``, one or more clauses of plain words, at ``pace`` times its own speed where
        it can.

        Chunks are mono int16 at the voice's own rate, without silence before the first word or
        after the last: pauses belong to whoever joins clauses. Text without a word gives no
        chunk. Raises ``EngineError``.
        """
        ...

    async def aclose(self) -> None: ...
