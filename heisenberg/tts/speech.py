"""Clauses joined to speech: the pauses between them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.resample import Resampler
from heisenberg.tts.base import TextToSpeech

_SENTENCE_PAUSE_S: Final = 0.28
_CLAUSE_PAUSE_S: Final = 0.12


def pause_after(clause: str, rate_hz: int) -> AudioChunk:
    """The silence a speaker leaves after ``clause``: longer where a sentence ends."""
    ended = clause.rstrip("\"')»” ").endswith((".", "!", "?", "…"))
    pause_s = _SENTENCE_PAUSE_S if ended else _CLAUSE_PAUSE_S
    return AudioChunk(np.zeros(round(pause_s * rate_hz), np.int16), rate_hz)


async def speak(voice: TextToSpeech, clauses: Iterable[str]) -> AsyncGenerator[AudioChunk, None]:
    """The sound of ``clauses`` one after the other, with the pauses between them."""
    last = ""
    for clause in clauses:
        async with aclosing(voice.synthesize(clause)) as sound:
            async for chunk in sound:
                if last:
                    yield pause_after(last, chunk.rate_hz)
                    last = ""
                yield chunk
        last = clause


async def recorded(voice: TextToSpeech, text: str, *, lead_s: float, tail_s: float) -> Pcm:
    """``text`` spoken in one go, as a microphone would hear it between two silences: 16 kHz."""
    parts: list[Pcm] = [np.zeros(round(lead_s * RATE_HZ), np.int16)]
    resampler: Resampler | None = None
    async with aclosing(voice.synthesize(text)) as sound:
        async for chunk in sound:
            resampler = resampler or Resampler(chunk.rate_hz, RATE_HZ)
            parts.append(resampler.push(chunk.pcm))
    if resampler is not None:
        parts.append(resampler.flush())
    return np.concatenate([*parts, np.zeros(round(tail_s * RATE_HZ), np.int16)])
