"""A voice somewhere else."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Final, Self

import numpy as np

from heisenberg.audio.base import AudioChunk, Pcm
from heisenberg.core.errors import EngineError
from heisenberg.tts.silence import Trimmer
from heisenberg.wyoming.client.service import Service
from heisenberg.wyoming.messages import Synthesize
from heisenberg.wyoming.sound import IncomingSound

_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.!?…])\s+")
_LONGEST_S: Final = 120.0


class WyomingTts:
    """A ``TextToSpeech``; each sentence is asked for alone, so that the first comes early."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._closed = False

    @classmethod
    async def load(cls, address: str) -> Self:
        """Raises ``EngineError`` where no voice answers at ``address``."""
        service = Service("voice", address, 'wyoming.tts, or tts.engine = "piper"')
        if not (await service.describe()).tts:
            raise service.missing("text to speech")
        return cls(service)

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        del pace  # the protocol has no word for it
        trimmer: Trimmer | None = None
        for sentence in _BETWEEN_SENTENCES.split(text):
            if self._closed:
                raise EngineError("The voice is closed.")
            if not any(map(str.isalnum, sentence)):
                continue
            pcm, rate_hz = await self._sentence(sentence)
            if not rate_hz:
                continue
            trimmer = trimmer or Trimmer(rate_hz)
            if len(audible := trimmer.push(pcm)):
                yield AudioChunk(audible, rate_hz)

    async def aclose(self) -> None:
        self._closed = True

    async def _sentence(self, sentence: str) -> tuple[Pcm, int]:
        sound = IncomingSound(to_hz=0)
        heard = [np.empty(0, np.int16)]
        samples = 0
        async with self._service.talk() as wire:
            await wire.write(Synthesize(text=sentence))
            while (event := await self._service.next(wire)).type != "audio-stop":
                if event.type == "audio-chunk":
                    heard.append(sound.push(event))
                    samples += len(heard[-1])
                    if samples > _LONGEST_S * sound.rate_hz:
                        raise self._service.failed("does not end a sentence.")
        return np.concatenate(heard), sound.rate_hz
