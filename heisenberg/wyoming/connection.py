"""One client of the Wyoming server, from its first message to its last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import structlog

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import EngineError, HeisenbergError, InputError
from heisenberg.core.services import Services
from heisenberg.wake.base import PhraseListener
from heisenberg.wake.check import WakeCheck
from heisenberg.wyoming.asked import handled, recognized, text_of
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.hearing import Dictation, Listener, Watch
from heisenberg.wyoming.messages import (
    PASSED_OVER,
    Detect,
    Event,
    Info,
    Ping,
    Pong,
    SynthesizeStopped,
)
from heisenberg.wyoming.sound import check_format
from heisenberg.wyoming.speaking import Speech
from heisenberg.wyoming.wire import Gone, Wire

_IDLE_S: Final = 300.0
"""Who says nothing for so long has left without a word."""

_log = structlog.get_logger(__name__)

_Handler: TypeAlias = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What clients are given; ``detectors`` is ``None`` where no wake word is listened for."""

    services: Services
    info: Info
    language: str
    detectors: Detectors | None


class Connection:
    """Answers messages in their order; a client that leaves ends what is done for it."""

    def __init__(self, wire: Wire, offered: Offered) -> None:
        self._wire = wire
        self._offered = offered
        self._listener: Listener = Dictation(wire, offered.services.stt)
        self._speech: Speech | None = None
        self._handlers: Mapping[str, _Handler] = {
            "describe": self._describe,
            "ping": self._pong,
            "transcribe": self._transcribe,
            "detect": self._detect,
            "audio-start": self._start_of_sound,
            "audio-chunk": self._sound,
            "audio-stop": self._end_of_sound,
            "synthesize": self._synthesize,
            "synthesize-start": self._begin_speech,
            "synthesize-chunk": self._go_on_with_speech,
            "synthesize-stop": self._end_speech,
            "transcript": self._handle,
            "recognize": self._recognize,
        }

    async def serve(self) -> None:
        """Until the client leaves, or sends what can't be used."""
        reading = self._read()
        try:
            while (event := await reading) is not None:
                reading = self._read()
                await self._answer_unless_gone(event, reading)
        except HeisenbergError as exc:
            await self._wire.refuse(exc)
        except Gone:
            return
        except Exception as exc:  # a fault of ours costs this client, not the daemon
            _log.exception("a Wyoming request failed")
            await self._wire.refuse(
                EngineError(f"Heisenberg failed to do that: {exc}.", "Its log has the details.")
            )
        finally:
            await cancel_and_wait(reading)
            await self._listener.aclose()

    def _read(self) -> asyncio.Task[Event | None]:
        return asyncio.create_task(self._next(), name="wyoming read")

    async def _next(self) -> Event | None:
        try:
            async with asyncio.timeout(_IDLE_S):
                return await self._wire.read()
        except TimeoutError:
            return None

    async def _answer_unless_gone(self, event: Event, reading: asyncio.Task[Event | None]) -> None:
        """Nobody waits for an answer once there is nothing more to read."""
        answering = asyncio.create_task(self._answer(event), name="wyoming answer")
        try:
            await asyncio.wait({answering, reading}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() and reading.result() is None:
                raise Gone
            await answering
        finally:
            await cancel_and_wait(answering)

    async def _answer(self, event: Event) -> None:
        handler = self._handlers.get(event.type)
        if handler is not None:
            await handler(event)
        elif event.type not in PASSED_OVER:  # a later version of the protocol may have it
            _log.debug("a Wyoming message that is not known", type=event.type)

    async def _describe(self, _event: Event) -> None:
        await self._wire.write(self._offered.info)

    async def _pong(self, event: Event) -> None:
        await self._wire.write(Pong(text=Ping.from_event(event).text))

    async def _transcribe(self, _event: Event) -> None:
        await self._listen_with(Dictation(self._wire, self._offered.services.stt))

    async def _detect(self, event: Event) -> None:
        if self._offered.detectors is None:
            raise InputError("No wake word is listened for here.", "Set wake.enabled = true.")
        stt = self._offered.services.stt
        check = WakeCheck(stt if isinstance(stt, PhraseListener) else None)
        names = self._wanted(Detect.from_event(event).names)
        await self._listen_with(Watch(self._wire, self._offered.detectors, check, names))

    def _wanted(self, names: object) -> frozenset[str]:
        """Those wake words that are named. Raises ``InputError`` for one that is not known."""
        known = [model.name for program in self._offered.info.wake for model in program.models]
        for name in (wanted := list(names) if isinstance(names, list) else []):
            if name not in known:
                raise InputError(
                    f"There is no wake word '{name}'.", f"There is {', '.join(known)}."
                )
        return frozenset(wanted)

    async def _listen_with(self, listener: Listener) -> None:
        before, self._listener = self._listener, listener
        await before.aclose()

    async def _start_of_sound(self, event: Event) -> None:
        check_format(event.data)
        await self._listener.begin()

    async def _sound(self, event: Event) -> None:
        await self._listener.push(event)

    async def _end_of_sound(self, _event: Event) -> None:
        await self._listener.stop()

    async def _synthesize(self, event: Event) -> None:
        if self._speech is not None:  # the whole text, for those who can't take it in parts
            return
        speech = self._new_speech(event)
        await speech.say(text_of(event))
        await speech.end()

    async def _begin_speech(self, event: Event) -> None:
        self._speech = self._new_speech(event)

    async def _go_on_with_speech(self, event: Event) -> None:
        await self._speech_begun().say(text_of(event))

    async def _end_speech(self, _event: Event) -> None:
        await self._speech_begun().end()
        self._speech = None
        await self._wire.write(SynthesizeStopped())

    def _new_speech(self, event: Event) -> Speech:
        if event.data.get("text_format") == "ssml":
            raise InputError("The voice reads plain text only.", "Send it without SSML.")
        return Speech(self._wire, self._offered.services.tts, self._offered.language)

    def _speech_begun(self) -> Speech:
        if self._speech is None:
            raise InputError("No text was begun.", "Send 'synthesize-start' first.")
        return self._speech

    async def _handle(self, event: Event) -> None:
        await self._wire.write(await handled(self._offered.services, event))

    async def _recognize(self, event: Event) -> None:
        await self._wire.write(recognized(self._offered.services, event))
