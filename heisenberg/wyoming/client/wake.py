"""A wake word detector somewhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Self

import structlog

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import EngineError, InputError
from heisenberg.wake.base import WakeWord
from heisenberg.wyoming.client.service import Service
from heisenberg.wyoming.messages import Detect, Detection, Event, WakeModel
from heisenberg.wyoming.sound import start, to_message
from heisenberg.wyoming.wire import Gone, Wire

_FRAME: Final = 1280
_SCORE: Final = 0.99
"""The protocol tells none."""
_AWAY_S: Final = 3.0
"""A service that is away is tried again after so long; until then nothing is heard."""

_log = structlog.get_logger(__name__)


class WyomingWake:
    """A ``WakeDetector``: frames go there as they come, and what is found comes a little later.

    While the service is away it hears nothing, and says so once.
    """

    def __init__(
        self,
        service: Service,
        words: Sequence[WakeModel],
        *,
        refractory_s: float,
        now_s: Callable[[], float],
    ) -> None:
        """``words`` are those to listen for; ``now_s`` is any clock."""
        self._service = service
        self._phrases = {word.name: word.phrase or word.description or word.name for word in words}
        self._rest_frames = round(refractory_s * RATE_HZ / _FRAME)
        self._now_s = now_s
        self._line: _Line | None = None
        self._resting = 0
        self._away_until_s: float | None = None
        self._closed = False

    @classmethod
    async def load(cls, address: str, wanted: Sequence[str], *, refractory_s: float) -> Self:
        """Listen for those of the service's words that are ``wanted``, by name.

        Raises ``EngineError`` where no detector answers at ``address``, or it knows none of them.
        """
        service = Service(
            "wake word detector", address, 'wyoming.wake, or wake.engine = "openwakeword"'
        )
        known = [model for program in (await service.describe()).wake for model in program.models]
        words = [model for model in known if model.name in wanted]
        if not words:
            names = ", ".join(model.name for model in known) or "none"
            raise service.missing(f"wake word '{wanted[0]}'; wake.models may name: {names}")
        return cls(service, words, refractory_s=refractory_s, now_s=asyncio.get_running_loop().time)

    @property
    def frame_samples(self) -> int:
        return _FRAME

    @property
    def phrase(self) -> str:
        return self.phrases[0]

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(self._phrases.values())

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        if self._closed:
            raise EngineError("The wake word detector is closed.")
        if self._away_until_s is not None and self._now_s() < self._away_until_s:
            return None
        try:
            line = self._line = self._line or await self._open()
            await line.send(frame)
        except EngineError:
            first = self._away_until_s is None
            self._away_until_s = self._now_s() + _AWAY_S
            await self._hang_up()
            if first:
                raise
            return None
        if self._away_until_s is not None:
            self._away_until_s = None
            _log.info("the wake word detector is back", address=self._service.address)
        return self._found(line, at_least)

    async def reset(self) -> None:
        await self._hang_up()
        self._resting = 0

    async def aclose(self) -> None:
        self._closed = True
        await self._hang_up()

    async def _open(self) -> _Line:
        wire = await self._service.connect()
        return _Line(self._service, wire, list(self._phrases))

    def _found(self, line: _Line, at_least: float) -> WakeWord | None:
        self._resting = max(0, self._resting - 1)
        for name in line.take():
            if self._resting or at_least > _SCORE:
                continue
            self._resting = self._rest_frames
            phrase = self._phrases.get(name, self.phrase)
            return WakeWord(name, _SCORE, phrase)
        return None

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.aclose()


class _Line:
    """A connection on which one stream of sound is listened to."""

    def __init__(self, service: Service, wire: Wire, names: list[str]) -> None:
        self._service = service
        self._wire = wire
        self._found: list[str] = []
        self._samples = 0
        wire.post(Detect(names=names))
        wire.post(start(RATE_HZ))
        self._reading = asyncio.create_task(self._read(), name="wake words from afar")

    async def send(self, frame: Pcm) -> None:
        """Raises ``EngineError`` once the service has left, or made no sense."""
        if self._reading.done():
            self._reading.result()
        try:
            message = to_message(AudioChunk(frame))
            message.timestamp = self._samples * 1000 // RATE_HZ
            self._samples += len(frame)
            await self._wire.write(message)
        except Gone as exc:
            raise self._service.failed("takes no sound any more.") from exc

    def take(self) -> list[str]:
        """The names of the wake words that were found since."""
        found, self._found = self._found, []
        return found

    async def aclose(self) -> None:
        await cancel_and_wait(self._reading)
        self._wire.close()

    async def _read(self) -> None:
        """Ends with an ``EngineError``."""
        try:
            while True:
                event = await self._service.next(self._wire)
                if event.type == "detection":
                    self._found.append(_name(event))
        except Gone as exc:
            raise self._service.failed("broke off in the middle.") from exc
        except InputError as exc:
            raise self._service.failed(
                f"does not speak the Wyoming protocol: {exc.message}"
            ) from exc


def _name(event: Event) -> str:
    return str(Detection.from_event(event).name or "")
