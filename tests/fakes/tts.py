"""A voice that beeps once for every word."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.core.errors import EngineError, HeisenbergError

_WORD: Final = re.compile(r"\w+(?:['.]\w+)*")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


class ScriptedTts:
    """A ``TextToSpeech`` that makes of every word a tone of exactly ``word_s`` seconds.

    A sentence is one chunk, and words follow each other without a gap, so the length of the sound
    tells how many there were. A ``gate`` holds every sentence until it is set; an ``error`` is
    raised in place of the first one. ``spoken`` keeps the texts, ``made`` the sentences begun.
    """

    def __init__(
        self,
        *,
        rate_hz: int = RATE_HZ,
        word_s: float = 0.1,
        gate: asyncio.Event | None = None,
        error: HeisenbergError | None = None,
    ) -> None:
        self._rate_hz = rate_hz
        self._word = _tone(round(word_s * rate_hz), rate_hz)
        self._gate = gate
        self._error = error
        self.spoken: list[str] = []
        self.made: list[str] = []
        self.closed = False

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        if self.closed:
            raise EngineError("The voice is closed.")
        self.spoken.append(text)
        for sentence in _SENTENCE.split(text):
            words = len(_WORD.findall(sentence))
            if not words:
                continue
            self.made.append(sentence)
            if self._gate is not None:
                await self._gate.wait()
            if self._error is not None:
                raise self._error
            word = np.resize(self._word, round(len(self._word) / pace))
            yield AudioChunk(np.tile(word, words), self._rate_hz)

    async def aclose(self) -> None:
        self.closed = True


def _tone(samples: int, rate_hz: int) -> Pcm:
    """440 Hz at a quarter of full scale, audible from its first sample to its last."""
    wave = np.cos(2 * np.pi * 440.0 * np.arange(samples) / rate_hz)
    wave[-1] = 1.0
    tone: Pcm = np.rint(wave * 8192).astype(np.int16)
    return tone
