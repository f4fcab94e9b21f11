"""A live card on a scripted sound system, and somebody who listens to its microphone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from heisenberg.audio import native_stderr, portaudio, supervisor
from heisenberg.audio.base import AudioChunk, Pcm
from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.core.config import AudioConfig
from tests.fakes.portaudio import FakeSound, InlineThread, VirtualTime


def use(sound: FakeSound, monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """Cards have ``sound`` in place of sounddevice, and call it on this thread."""
    monkeypatch.setattr(supervisor, "SoundThread", InlineThread)
    monkeypatch.setattr(portaudio, "ask_servers_source", lambda: "")
    monkeypatch.setattr(native_stderr, "silence", lambda: None)
    monkeypatch.setitem(sys.modules, "sounddevice", sound.module)
    return sound


@dataclass
class Room:
    """A card that somebody listens to, as the daemon always does."""

    sound: FakeSound
    time: VirtualTime
    card: LiveCard
    reports: list[tuple[float, str, DeviceState, str, str]]
    heard: list[AudioChunk] = field(default_factory=list)

    def said(self) -> list[tuple[str, DeviceState, str]]:
        return [(kind, state, name) for _, kind, state, name, _ in self.reports]

    async def wait(self, seconds: float) -> None:
        await self.time.advance(seconds)

    def heard_s(self) -> float:
        return sum(chunk.duration_s for chunk in self.heard)


@asynccontextmanager
async def listening(sound: FakeSound, config: AudioConfig | None = None) -> AsyncIterator[Room]:
    time = VirtualTime(sound)
    reports: list[tuple[float, str, DeviceState, str, str]] = []

    def report(kind: str, state: DeviceState, name: str, hint: str) -> None:
        reports.append((time.live.now_s(), kind, state, name, hint))

    card = await LiveCard.open(config or AudioConfig(), report, time=time.live)
    room = Room(sound, time, card, reports)

    async def listen() -> None:
        async with aclosing(aiter(card.source)) as chunks:
            async for chunk in chunks:
                room.heard.append(chunk)

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    try:
        yield room
    finally:
        await card.aclose()
        await time.advance(0.05)
        assert task.done(), "the microphone's iteration does not end"
        await task
        assert not sound.streams, "streams left open"


def tone(seconds: float, rate_hz: int = 22_050) -> AudioChunk:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    pcm: Pcm = (8000 * np.sin(2 * np.pi * 440 * times_s)).astype(np.int16)
    return AudioChunk(pcm, rate_hz)


async def write(room: Room, seconds: float) -> asyncio.Task[float]:
    """A reply being spoken: what is awaited is its end."""

    async def speak() -> float:
        for _ in range(round(seconds / 0.5)):
            await room.card.sink.write(tone(0.5))
        return (await room.card.sink.drain()).played_s

    task = asyncio.create_task(speak())
    await asyncio.sleep(0)
    return task


async def until(room: Room, condition: Callable[[], bool], *, within_s: float) -> float:
    """How long it takes."""
    began_s = room.card.now_s()
    while not condition():
        assert room.card.now_s() - began_s < within_s, "it takes too long"
        await room.wait(0.05)
    return room.card.now_s() - began_s


def keeps_time(room: Room, *, jump_s: float = 0.001) -> None:
    """Chunks follow each other, and are not far from the clock."""
    ends_s = room.heard[0].t_s
    for chunk in room.heard:
        assert ends_s - 0.001 <= chunk.t_s <= ends_s + jump_s
        ends_s = chunk.t_s + chunk.duration_s
    assert room.card.now_s() - 0.3 < ends_s <= room.card.now_s()
