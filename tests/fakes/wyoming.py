"""The Wyoming server around scripted engines, and programs that talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import numpy as np
from wyoming.client import AsyncTcpClient
from wyoming.event import async_read_event, async_write_event

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.config import Config
from heisenberg.core.config.wyoming import host_and_port
from heisenberg.wake.base import WakeDetector, WakeWord
from heisenberg.wyoming.client.wake import WyomingWake
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.messages import AudioChunk, AudioStart, AudioStop, Event, Eventable, Info
from heisenberg.wyoming.server import WyomingServer, open_server
from tests.fakes.api import Engines, app_of
from tests.fakes.wake import ScriptedWake

SOON_S: Final = 20.0
PHRASE: Final = "Hey Jarvis"
_TURNS: Final = 20
"""Of the loop, in which a message gets from one end of a connection to the other."""

T = TypeVar("T", bound=Eventable)


@asynccontextmanager
async def wyoming_server(
    engines: Engines | None = None,
    *settings: str,
    wake: Callable[[], WakeDetector] | None = ScriptedWake,
) -> AsyncIterator[WyomingServer]:
    """A server at a free port; ``wake`` makes what listens for ``PHRASE``, if anything does."""
    app = await app_of(engines or Engines())
    config = await asyncio.to_thread(Config.load, None, ["wyoming.port=0", *settings])

    async def load() -> WakeDetector:
        assert wake is not None
        return wake()

    server = await open_server(
        config, app.services, Detectors(load) if wake else None, [PHRASE] if wake else []
    )
    try:
        yield server
    finally:
        await server.aclose()
        await app.services.conversations.aclose()


class Client:
    """The library's own client, with the patience of a test."""

    def __init__(self, client: AsyncTcpClient) -> None:
        self._client = client

    async def say(self, *messages: Eventable | Event) -> None:
        for message in messages:
            await self._client.write_event(
                message if isinstance(message, Event) else message.event()
            )

    async def hear(self) -> Event | None:
        """The next message; ``None`` when the other end has left."""
        async with asyncio.timeout(SOON_S):
            return await self._client.read_event()

    async def expect(self, kind: type[T]) -> Any:
        """The next message, which must be of this kind."""
        event = await self.hear()
        assert event is not None, f"no {kind.__name__}, but the end"
        assert kind.is_type(event.type), (event.type, event.data)
        return kind.from_event(event)

    async def sound(self) -> tuple[Pcm, int]:
        """A whole stream, and its rate."""
        begin = await self.expect(AudioStart)
        parts: list[Pcm] = []
        while True:
            event = await self.hear()
            assert event is not None
            if AudioStop.is_type(event.type):
                return np.concatenate(parts) if parts else np.empty(0, np.int16), begin.rate
            parts.append(np.frombuffer(AudioChunk.from_event(event).audio, np.int16))


@asynccontextmanager
async def client_of(address: str) -> AsyncIterator[Client]:
    host, port = host_and_port(address)
    client = AsyncTcpClient(host, port)
    await client.connect()
    try:
        yield Client(client)
    finally:
        await client.disconnect()


def stream(
    pcm: Pcm, *, rate_hz: int = RATE_HZ, channels: int = 1, stop: bool = True
) -> Sequence[Eventable]:
    """Sound as a microphone sends it: in pieces of 64 ms."""
    step = round(0.064 * rate_hz) * channels
    return [
        AudioStart(rate_hz, 2, channels),
        *(
            AudioChunk(rate_hz, 2, channels, pcm[at : at + step].tobytes(), at * 1000 // rate_hz)
            for at in range(0, len(pcm), step)
        ),
        *([AudioStop()] if stop else []),
    ]


class _Noting(ScriptedWake):
    """Tells when it has heard something."""

    def __init__(self, heard: asyncio.Event) -> None:
        super().__init__()
        self._heard = heard

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        found = await super().process(frame, at_least=at_least)
        self._heard.set()
        return found


class _InStep(WyomingWake):
    """Sound comes as slowly as from a microphone: the service has heard each frame before the
    next comes, and there was time for its answer."""

    heard: asyncio.Event

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        self.heard.clear()
        found = await super().process(frame, at_least=at_least)
        async with asyncio.timeout(SOON_S):
            await self.heard.wait()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return found


@asynccontextmanager
async def remote_wake() -> AsyncIterator[WakeDetector]:
    """A detector that listens by way of a server, for ``PHRASE``."""
    heard = asyncio.Event()
    async with wyoming_server(wake=lambda: _Noting(heard)) as server:
        detector = await _InStep.load(server.address, ["hey_jarvis"], refractory_s=1.0)
        detector.heard = heard
        yield detector
        await detector.aclose()


@asynccontextmanager
async def service_that(
    *answers: bytes, info: Info | None = None, hangs: bool = False
) -> AsyncIterator[str]:
    """The address of a service that says what it offers, and to anything else ``answers``, one to
    a connection, the last one for ever; then it leaves, or ``hangs``."""
    left = list(answers)
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        event = await async_read_event(reader)
        if event is not None and event.type == "describe":
            await async_write_event((info or Info()).event(), writer)
        elif event is not None:
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            if hangs:
                await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await server.wait_closed()
