"""A recogniser somewhere else."""

from __future__ import annotations

from typing import Final, Self

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.core.errors import EngineError
from heisenberg.stt.base import Transcript
from heisenberg.wyoming import messages
from heisenberg.wyoming.client.service import Service, text_in
from heisenberg.wyoming.messages import AudioStop, Transcribe
from heisenberg.wyoming.sound import parts, start, to_message

_SHORTEST_S: Final = 0.1
"""No word is shorter."""


class WyomingStt:
    """A ``SpeechToText``; each utterance has a connection of its own, so none waits for another."""

    def __init__(self, service: Service, languages: tuple[str, ...]) -> None:
        self._service = service
        self._languages = languages
        self._closed = False

    @classmethod
    async def load(cls, address: str, languages: tuple[str, ...]) -> Self:
        """Raises ``EngineError`` where no recogniser answers at ``address``."""
        service = Service("recogniser", address, 'wyoming.stt, or stt.engine = "whisper"')
        if not (await service.describe()).asr:
            raise service.missing("speech to text")
        return cls(service, languages)

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        del aside, quick  # the protocol knows neither
        if self._closed:
            raise EngineError("The recogniser is closed.")
        if len(utterance) < _SHORTEST_S * RATE_HZ:
            return Transcript("", self._languages[0])
        only = self._languages[0] if len(self._languages) == 1 else None
        async with self._service.talk() as wire:
            await wire.write(Transcribe(language=only))
            await wire.write(start(RATE_HZ))
            for part in parts(AudioChunk(utterance)):
                await wire.write(to_message(part))
            await wire.write(AudioStop())
            while not messages.Transcript.is_type((event := await self._service.next(wire)).type):
                pass
        language = event.data.get("language")
        if language not in self._languages:  # it may tell none, or "en-US"
            language = self._languages[0]
        return Transcript(text_in(event, self._service).strip(), language)

    async def aclose(self) -> None:
        self._closed = True
