"""espeak-ng: a voice that nobody takes for a person, in a hundred languages.

It is a program of its own, and speaks where no better voice is installed.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final, Self

import numpy as np

from heisenberg.audio.base import AudioChunk, Pcm
from heisenberg.core.aio import finish
from heisenberg.core.errors import EngineError, LoadFailed
from heisenberg.tts.plain import plain
from heisenberg.tts.silence import Trimmer

PROGRAM: Final = "espeak-ng"
_WORDS_A_MINUTE: Final = 160
_SLOWEST: Final = 80
_FASTEST: Final = 450
_HEADER: Final = 44
"""Bytes; the length that it gives to a pipe is made up."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")


def is_there() -> bool:
    """Whether it is installed; blocks."""
    return shutil.which(PROGRAM) is not None


def sound_of(wav: bytes) -> AudioChunk:
    """What the program writes to a pipe."""
    rate_hz = int.from_bytes(wav[24:28], "little")
    return AudioChunk(np.frombuffer(wav[_HEADER:], dtype="<i2"), rate_hz)


class EspeakTts:
    """A ``TextToSpeech`` for one language."""

    def __init__(self, language: str, length_scale: float = 1.0) -> None:
        self._language = language
        self._length_scale = length_scale
        self._closed = False

    @classmethod
    async def load(cls, language: str, length_scale: float = 1.0) -> Self:
        """Raises ``LoadFailed`` where it is not installed, or does not speak ``language``."""
        if not await asyncio.to_thread(is_there):
            raise LoadFailed(
                f"{PROGRAM} is not installed.",
                f"Debian: sudo apt install {PROGRAM}. macOS: brew install {PROGRAM}.",
            )
        voice = cls(language, length_scale)
        try:
            await voice._say("a", 1.0)
        except EngineError as exc:
            raise LoadFailed(
                f"{PROGRAM} does not speak '{language}'.",
                f"'{PROGRAM} --voices' lists what it does.",
            ) from exc
        return voice

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        """One chunk a sentence, each as soon as it is made; left early, no other is begun."""
        trimmer: Trimmer | None = None
        for sentence in _SENTENCE_END.split(plain(text)):
            if self._closed:
                raise EngineError("The voice is closed.")
            if not any(char.isalnum() for char in sentence):
                continue
            said = await self._say(sentence, pace)
            trimmer = trimmer or Trimmer(said.rate_hz)
            pcm: Pcm = trimmer.push(said.pcm)
            if len(pcm):
                yield AudioChunk(pcm, said.rate_hz)

    async def aclose(self) -> None:
        self._closed = True

    async def _say(self, sentence: str, pace: float) -> AudioChunk:
        words_a_minute = _WORDS_A_MINUTE * pace / self._length_scale
        speed = round(min(_FASTEST, max(_SLOWEST, words_a_minute)))
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "-v", self._language, "-s", str(speed), "--stdin", "--stdout"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            wav, _ = await process.communicate(sentence.encode())
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await finish(asyncio.ensure_future(process.wait()))
            raise
        if process.returncode or len(wav) <= _HEADER:
            raise EngineError(f"{PROGRAM} can't speak.", "Run it by hand to see why.")
        return sound_of(wav)
