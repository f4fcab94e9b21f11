"""A sound system that hangs, as one does whose server is stuck: nothing else hangs with it."""

from __future__ import annotations

import asyncio
import atexit
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import TypeVar

import numpy as np
import pytest

from heisenberg.audio import live, native_stderr, supervisor
from heisenberg.audio.base import AudioChunk
from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.audio.live_source import Capture, LiveSource
from heisenberg.audio.portaudio import Opened
from heisenberg.core.config import AudioConfig
from heisenberg.core.errors import DeviceLost
from tests.fakes.portaudio import FakeDevice, FakeSound, InlineThread, VirtualTime

T = TypeVar("T")


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The server is stuck until this is set."""
    monkeypatch.setattr(native_stderr, "silence", lambda: None)
    monkeypatch.setattr(supervisor, "_CLOSE_S", 0.1)
    monkeypatch.setattr(live, "_START_S", 0.1)
    monkeypatch.setattr(atexit, "register", lambda _call: None)
    stuck = threading.Event()
    yield stuck
    stuck.set()


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    sound = FakeSound(FakeDevice("Microphone", inputs=1), FakeDevice("Speaker", outputs=2))
    monkeypatch.setitem(sys.modules, "sounddevice", sound.module)
    return sound


async def test_closing_leaves_it_behind_until_it_answers(
    sound: FakeSound, stuck: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await LiveCard.open(AudioConfig(), lambda *_: None)
    for stream in sound.streams:
        stream.abort = lambda: stuck.wait(30)  # type: ignore[method-assign, assignment]
    await card.aclose()
    assert sound.streams, "it was waited for"
    await card.aclose()
    opened = asyncio.Event()
    attach = LiveSource.attach

    def attached(source: LiveSource, stream: Opened[Capture]) -> None:
        attach(source, stream)
        opened.set()

    monkeypatch.setattr(LiveSource, "attach", attached)
    said: list[DeviceState] = []
    again = await LiveCard.open(AudioConfig(), lambda _kind, state, *_: said.append(state))
    assert said == [DeviceState.MISSING, DeviceState.MISSING]
    stuck.set()
    async with asyncio.timeout(10):
        await opened.wait()
    assert len(sound.streams) == 2
    await again.aclose()
    assert not sound.streams
    assert len(sound.threads - {threading.get_ident()}) == 1


async def test_starting_goes_on_without_it_and_says_so(
    sound: FakeSound, stuck: threading.Event
) -> None:
    list_devices = sound.module.query_devices

    def hang() -> object:
        stuck.wait(30)
        return list_devices()

    vars(sound.module)["query_devices"] = hang
    said: list[tuple[str, DeviceState, str]] = []
    card = await LiveCard.open(
        AudioConfig(), lambda kind, state, _name, hint: said.append((kind, state, hint))
    )
    assert [(kind, state) for kind, state, _ in said] == [
        ("speaker", DeviceState.MISSING),
        ("microphone", DeviceState.MISSING),
    ]
    assert all("does not answer" in hint for *_, hint in said)
    await card.aclose()


class _Gate(InlineThread):
    """Calls wait until it is open."""

    opened: asyncio.Event

    async def run(self, call: Callable[[], T]) -> T:
        await self.opened.wait()
        return call()


async def test_while_it_hangs_time_goes_on_and_nobody_waits_for_ever(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_stderr, "silence", lambda: None)
    monkeypatch.setattr(supervisor, "SoundThread", _Gate)
    _Gate.opened = asyncio.Event()
    _Gate.opened.set()
    said: list[tuple[str, DeviceState]] = []
    time = VirtualTime(sound)
    card = await LiveCard.open(
        AudioConfig(), lambda kind, state, *_: said.append((kind, state)), time=time.live
    )
    heard_until_s = 0.0

    async def listen() -> None:
        nonlocal heard_until_s
        async with aclosing(aiter(card.source)) as chunks:
            async for chunk in chunks:
                heard_until_s = chunk.t_s + chunk.duration_s

    listening = asyncio.create_task(listen())
    await time.advance(2.0)
    _Gate.opened.clear()
    sound.plugged[0].stalled = True
    await time.advance(0.5)
    sound.plugged[1].stalled = True
    await card.sink.write(AudioChunk(np.full(16_000, 99, np.int16)))
    draining = asyncio.create_task(card.sink.drain())
    await time.advance(20.0)
    assert heard_until_s == pytest.approx(card.now_s(), abs=0.3)
    assert not draining.done()
    await time.advance(5.0)
    with pytest.raises(DeviceLost):
        await draining
    assert said == [("microphone", DeviceState.LOST), ("speaker", DeviceState.LOST)]
    _Gate.opened.set()
    for device in sound.plugged:
        device.stalled = False
    await time.advance(3.0)
    assert set(said[2:]) == {("microphone", DeviceState.BACK), ("speaker", DeviceState.BACK)}
    await card.aclose()
    await time.advance(0.1)
    await listening


def test_the_process_ends_all_the_same() -> None:
    program = """
import asyncio, sys, time
from heisenberg.audio import supervisor
from heisenberg.audio.live import LiveCard
from heisenberg.core.config import AudioConfig
from tests.fakes.portaudio import FakeDevice, FakeSound
sound = FakeSound(FakeDevice("Microphone", inputs=1), FakeDevice("Speaker", outputs=2))
sys.modules["sounddevice"] = sound.module
supervisor._CLOSE_S = 0.1
async def main():
    card = await LiveCard.open(AudioConfig(), lambda *_: None)
    for stream in sound.streams:
        stream.abort = lambda: time.sleep(3600)
    await card.aclose()
asyncio.run(main())
print("ended")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout.endswith("ended\n")
    assert done.returncode == 1, "neither a crash nor a clean end"
