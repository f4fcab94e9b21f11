"""A sound system that hangs, as one does whose server is stuck: nothing else hangs with it."""

from __future__ import annotations

import asyncio
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
    stuck = threading.Event()
    yield stuck
    stuck.set()


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    sound = FakeSound(FakeDevice("Microphone", inputs=1), FakeDevice("Speaker", outputs=2))
    monkeypatch.setitem(sys.modules, "sounddevice", sound.module)
    return sound


async def test_closing_leaves_it_behind(sound: FakeSound, stuck: threading.Event) -> None:
    card = await LiveCard.open(AudioConfig(), lambda *_: None)
    ends = threading.Event()

    def hang(*, quietly: bool = False) -> None:
        del quietly
        stuck.wait(30)
        ends.set()

    for stream in sound.streams:
        stream.abort = hang  # type: ignore[method-assign]
    await card.aclose()
    assert not ends.is_set(), "it was waited for"
    await card.aclose()


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
    """Calls wait while it is shut."""

    shut = False

    async def run(self, call: Callable[[], T]) -> T:
        while self.shut:
            await asyncio.sleep(0)
        return call()


async def test_while_it_hangs_time_goes_on_and_nobody_waits_for_ever(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_stderr, "silence", lambda: None)
    monkeypatch.setattr(supervisor, "SoundThread", _Gate)
    monkeypatch.setattr(_Gate, "shut", False)
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
    _Gate.shut = True
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
    _Gate.shut = False
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
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.endswith("ended\n")
