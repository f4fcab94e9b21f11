"""A recogniser that answers from a list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import EngineError, HeisenbergError
from heisenberg.stt.base import Transcript

_AUDIBLE: Final = 50
_SHORTEST_SAMPLES: Final = RATE_HZ // 10


class ScriptedStt:
    """A ``SpeechToText`` that gives ``transcripts`` one after the other, the last one for ever.

    Silence and less than 0.1 s have no words, and use up no transcript. A ``gate`` holds every
    answer until it is set; an ``error`` is raised in place of one. ``heard`` keeps the utterances.
    Aside and quickly, half of the words of the next one are made out, and ``glimpsed`` keeps the
    utterance.
    """

    def __init__(
        self,
        transcripts: Sequence[str] = ("What is the capital of France?",),
        *,
        language: str = "en",
        gate: asyncio.Event | None = None,
        error: HeisenbergError | None = None,
    ) -> None:
        self._left = list(transcripts)
        self._language = language
        self._gate = gate
        self._error = error
        self.heard: list[Pcm] = []
        self.glimpsed: list[Pcm] = []
        self.closed = False

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        if self.closed:
            raise EngineError("The recogniser is closed.")
        if aside and quick:
            self.glimpsed.append(utterance)
            words = self._left[0].split()
            return Transcript(" ".join(words[: len(words) // 2]), self._language)
        self.heard.append(utterance)
        if self._gate is not None:
            await self._gate.wait()
        if self._error is not None:
            raise self._error
        loud = bool(np.any(np.abs(utterance.astype(np.int32)) > _AUDIBLE))
        if len(utterance) < _SHORTEST_SAMPLES or not loud:
            return Transcript("", self._language)
        text = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return Transcript(text, self._language)

    async def aclose(self) -> None:
        self.closed = True
