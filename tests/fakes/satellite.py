"""A satellite: a device that is connected to, streams what it hears and plays what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import numpy as np
from wyoming.event import async_read_event, async_write_event

from heisenberg.audio.base import Pcm
from heisenberg.wyoming.messages import (
    AudioChunk,
    Detection,
    Event,
    Eventable,
    PipelineStage,
    Pong,
    RunPipeline,
)
from tests.fakes.wyoming import SOON_S, stream


class ScriptedSatellite:
    """Listens for a server at a port of its own.

    ``wakes``: the wake word is listened for there. ``plays``: it has a speaker. ``answers``: pings
    are answered. ``told`` keeps what the server says, pings left out.
    """

    def __init__(
        self, *, wakes: bool = False, plays: bool = True, answers: bool = True, port: int = 0
    ) -> None:
        self._wakes = wakes
        self._end = PipelineStage.TTS if plays else PipelineStage.HANDLE
        self._answers = answers
        self._port = port
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._changed = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()
        self.told: list[Event] = []
        self.connections = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._port}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.leave()
        if self._serving:
            await asyncio.wait(self._serving)

    def leave(self) -> None:
        """Hang up; whoever wants may call again."""
        if self._writer is not None:
            self._writer.close()

    async def say(self, *messages: Eventable | Event) -> None:
        assert self._writer is not None
        for message in messages:
            event = message if isinstance(message, Event) else message.event()
            await async_write_event(event, self._writer)

    async def raw(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()

    async def call(self) -> None:
        """Ask to be listened to: for what follows the wake word, or for that."""
        stage = PipelineStage.ASR if self._wakes else PipelineStage.WAKE
        if self._wakes:
            await self.say(Detection(name="okay_nabu"))
        await self.say(RunPipeline(stage, self._end, restart_on_end=not self._wakes))

    async def hear(self, pcm: Pcm) -> None:
        """What the microphone hears is streamed, as fast as it is taken."""
        await self.say(*stream(pcm, stop=False))

    async def until(self, kind: str, count: int = 1) -> Event:
        """Wait for the message ``kind``, for the ``count``-th time."""
        found: list[Event] = []
        try:
            async with asyncio.timeout(SOON_S):
                while len(found := [one for one in self.told if one.type == kind]) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} ({count}) among {self.kinds()}") from None
        return found[count - 1]

    def kinds(self) -> list[str]:
        """What was told, sound left out."""
        return [one.type for one in self.told if not one.type.startswith("audio-")]

    def texts(self, kind: Literal["transcript", "synthesize", "error"]) -> list[str]:
        return [one.data["text"] for one in self.told if one.type == kind]

    def played(self) -> Pcm:
        """All that sounded."""
        parts = [
            np.frombuffer(AudioChunk.from_event(one).audio, np.int16)
            for one in self.told
            if one.type == "audio-chunk"
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int16)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.connections += 1
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while (event := await async_read_event(reader)) is not None:
                if event.type == "ping":
                    if self._answers:
                        await async_write_event(Pong().event(), writer)
                    continue
                self.told.append(event)
                self._changed.set()
                if event.type == "run-satellite" and not self._wakes:
                    await self.call()
        writer.close()


@asynccontextmanager
async def satellite(**manner: Any) -> AsyncIterator[ScriptedSatellite]:
    device = ScriptedSatellite(**manner)
    await device.open()
    try:
        yield device
    finally:
        await device.close()
