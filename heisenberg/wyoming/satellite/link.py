"""One connection to a satellite: what it asks for, and the room behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.aio import task_group
from heisenberg.core.bus import Bus
from heisenberg.core.errors import HeisenbergError, InputError
from heisenberg.core.room import Room
from heisenberg.core.state import State
from heisenberg.wyoming.messages import (
    Detect,
    Event,
    PauseSatellite,
    Ping,
    PipelineStage,
    Pong,
    RunPipeline,
    RunSatellite,
)
from heisenberg.wyoming.satellite.microphone import SatelliteMicrophone
from heisenberg.wyoming.satellite.speaker import SatelliteSpeaker
from heisenberg.wyoming.satellite.telling import Telling
from heisenberg.wyoming.sound import IncomingSound
from heisenberg.wyoming.wire import Gone, Wire

_LEFT: Final = "it has left"
_MOMENT: Final = np.zeros(RATE_HZ // 50, np.int16)


@dataclass(frozen=True, slots=True)
class Ends:
    """What a room is made around: a satellite's microphone and speaker, whether the wake word is
    listened for, and the clock (seconds since the connection began)."""

    microphone: SatelliteMicrophone
    speaker: SatelliteSpeaker
    wakes: bool
    now_s: Callable[[], float]


@dataclass(frozen=True, slots=True)
class SatelliteRoom:
    """A room with what tells of it, and what closes what was loaded for it; ``ended`` is set when
    it is no more."""

    room: Room
    bus: Bus
    aclose: Callable[[], Awaitable[None]]
    ended: asyncio.Event = field(default_factory=asyncio.Event)


MakeRoom: TypeAlias = Callable[[Ends], Awaitable[SatelliteRoom]]
"""Raises ``HeisenbergError`` where there can be no such room, as without a wake word."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How a connection is watched, and how long it is waited between attempts (seconds)."""

    ping_s: float = 2.0
    silent_s: float = 10.0
    connect_s: float = 10.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0


class Link:
    """Runs a satellite until one end leaves."""

    def __init__(self, wire: Wire, make_room: MakeRoom, language: str, timing: Timing) -> None:
        self._wire = wire
        self._make_room = make_room
        self._timing = timing
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        self._now_s: Callable[[], float] = lambda: loop.time() - began_s
        self._microphone = SatelliteMicrophone(self._now_s)
        self._speaker = SatelliteSpeaker(wire, self._now_s)
        self._telling = Telling(wire, language)
        self._sound = IncomingSound()
        self._room: SatelliteRoom | None = None
        self._group: asyncio.TaskGroup | None = None
        self._rooms: set[asyncio.Task[None]] = set()
        self._called = False
        self._heard_s = 0.0
        self.answered = False
        """Whether the other end has said anything."""

    @property
    def room(self) -> SatelliteRoom | None:
        """The room, once the satellite has said anything."""
        return self._room

    async def run(self) -> None:
        """Raises ``Gone`` when the satellite leaves or hangs, ``InputError`` for what it sends
        that can't be used, and what a room raises."""
        self._wire.post(RunSatellite())
        try:
            async with task_group() as group:
                self._group = group
                group.create_task(self._watch(), name="satellite ping")
                group.create_task(self._speaker.run(), name="satellite speaker")
                while (event := await self._wire.read()) is not None:
                    self._heard_s = self._now_s()
                    self.answered = True
                    await self._take(event)
                raise Gone(_LEFT)
        except HeisenbergError as exc:
            await self._wire.refuse(exc)
            raise
        except asyncio.CancelledError:
            self._wire.post(PauseSatellite())
            raise

    async def _watch(self) -> None:
        """Ask whether the satellite is there; it must say something from time to time."""
        while self._now_s() - self._heard_s < self._timing.silent_s:
            await self._wire.write(Ping())
            await asyncio.sleep(self._timing.ping_s)
        if self.answered:
            raise Gone("it does not answer any more")
        raise Gone("it does not answer; perhaps another server uses it")

    async def _take(self, event: Event) -> None:
        match event.type:
            case "ping":
                self._wire.post(Pong(Ping.from_event(event).text))
            case "run-pipeline":
                await self._begin(_pipeline(event))
            case "pong":
                await self._have_room()
            case "detection":
                self._called = True
            case "audio-start":
                self._sound = IncomingSound()
            case "audio-chunk":
                await self._hear(event)
            case "audio-stop":
                await self._hear_no_more()

    async def _begin(self, pipeline: RunPipeline) -> None:
        self._called = False
        self._speaker.plays = pipeline.end_stage is PipelineStage.TTS
        match pipeline.start_stage:
            case PipelineStage.WAKE:
                await self._have_room(wakes=True)
                self._wire.post(Detect())
            case PipelineStage.ASR:
                await self._listen()
            case PipelineStage.TTS if pipeline.announce_text:
                room = (await self._have_room()).room
                await room.announce(pipeline.announce_text)
            case other:
                raise InputError(
                    f"A satellite can't begin with '{other.value}'.", "It begins with wake or asr."
                )

    async def _listen(self) -> None:
        """The satellite has heard the wake word itself, or a button was pressed."""
        room = (await self._have_room()).room

        async def listen() -> None:
            if room.state is State.LISTENING:  # a call that was given up for a new one
                await room.cancel()
            await room.tap()

        await self._microphone.push(_MOMENT)  # it is as late there as it is here
        await self._microphone.then(listen)

    async def _hear(self, event: Event) -> None:
        pcm = self._sound.push(event)
        if self._called:  # some send no more than that before they stream
            self._called = False
            await self._listen()
        if self._room is not None:
            await self._microphone.push(pcm)

    async def _hear_no_more(self) -> None:
        self._sound = IncomingSound()
        if self._room is not None:
            await self._microphone.then(self._room.room.release)

    async def _have_room(self, *, wakes: bool = False) -> SatelliteRoom:
        """The room; another one where the wake word is to be listened for, and was not."""
        if self._room is not None and (self._telling.detects or not wakes):
            return self._room
        if self._room is not None:
            self._room = None
            await self._microphone.aclose()
            await asyncio.wait(self._rooms)
            self._microphone = SatelliteMicrophone(self._now_s)
        made = await self._make_room(Ends(self._microphone, self._speaker, wakes, self._now_s))
        self._telling.detects = wakes
        made.bus.observe(self._telling)
        assert self._group is not None
        running = self._group.create_task(_run(made), name="satellite room")
        self._rooms.add(running)
        running.add_done_callback(self._rooms.discard)
        self._room = made
        return made


async def _run(made: SatelliteRoom) -> None:
    try:
        await made.room.run()
    finally:
        made.ended.set()
        await made.aclose()


def _pipeline(event: Event) -> RunPipeline:
    try:
        return RunPipeline.from_event(event)
    except (KeyError, ValueError, TypeError) as exc:
        raise InputError(
            f"The satellite asks for what there is not: {exc}.", "Stages are wake, asr and tts."
        ) from exc
