"""What every microphone and speaker does: the simulated card's, and the live card's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import (
    CHUNK_SAMPLES,
    RATE_HZ,
    AudioChunk,
    AudioSink,
    AudioSource,
    Pcm,
    Playback,
)
from heisenberg.audio.live import LiveCard
from heisenberg.audio.simulated import SimulatedCard
from heisenberg.bench.virtual_card.soundcard import MISSING, is_available, sound_card
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import AudioConfig


@dataclass(frozen=True, slots=True)
class Devices:
    source: AudioSource
    sink: AudioSink
    now_s: Callable[[], float]
    ticks: asyncio.Queue[float]

    async def pass_time(self, seconds: float) -> None:
        """Wait until the microphone has heard so much."""
        while seconds > 0:
            seconds -= await self.ticks.get()


@pytest.fixture
def null_sinks(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A private PulseAudio as PortAudio's default devices, where the test asks for a live card."""
    if request.node.callspec.params["kind"] == "simulated":
        yield
        return
    if not is_available():
        pytest.skip(MISSING)
    with sound_card(tmp_path) as card:
        for name in ("ALSA_CONFIG_PATH", "PULSE_COOKIE", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, card.environment[name])
        import sounddevice

        sounddevice._terminate()
        sounddevice._initialize()
        yield
        sounddevice._terminate()
        sounddevice._initialize()


@pytest_asyncio.fixture
async def devices(kind: str, null_sinks: None) -> AsyncIterator[Devices]:
    del null_sinks
    if kind == "simulated":
        card = SimulatedCard(np.zeros(RATE_HZ // 2, np.int16))
        yield Devices(card, card, card.now_s, asyncio.Queue())
        await card.aclose()
        return
    said: list[str] = []
    live = await LiveCard.open(AudioConfig(), lambda *words: said.append(" ".join(words)))
    assert not said
    yield Devices(live.source, live.sink, live.now_s, asyncio.Queue())
    await live.aclose()


@pytest_asyncio.fixture
async def running(devices: Devices) -> AsyncIterator[Devices]:
    """Somebody listens to the microphone, as the daemon always does."""

    async def listen() -> None:
        async with aclosing(aiter(devices.source)) as chunks:
            async for chunk in chunks:
                devices.ticks.put_nowait(chunk.duration_s)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    yield devices
    await cancel_and_wait(listening)


pytestmark = pytest.mark.parametrize("kind", ["simulated", "live"])


def _tone(seconds: float, rate_hz: int = 22_050) -> AudioChunk:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    pcm: Pcm = (8000 * np.sin(2 * np.pi * 440 * times_s)).astype(np.int16)
    return AudioChunk(pcm, rate_hz)


async def test_a_microphone_delivers_16_khz_without_gaps_and_ends_when_closed(
    devices: Devices,
) -> None:
    expected_s: float | None = None
    heard = 0
    async with aclosing(aiter(devices.source)) as chunks:
        async for chunk in chunks:
            assert chunk.rate_hz == RATE_HZ
            assert chunk.pcm.dtype == np.int16
            assert len(chunk.pcm) % CHUNK_SAMPLES == 0
            assert expected_s is None or chunk.t_s == pytest.approx(expected_s, abs=1e-4)
            expected_s = chunk.t_s + chunk.duration_s
            heard += len(chunk.pcm)
            if heard >= RATE_HZ // 2:
                await devices.source.aclose()
            assert heard < 20 * RATE_HZ, "the iteration does not end"
    assert heard >= RATE_HZ // 2


async def test_a_speaker_plays_everything_and_says_when_it_begins(running: Devices) -> None:
    asked_s = running.now_s()
    sounds_at_s = await running.sink.write(_tone(0.4))
    playback = await running.sink.drain()
    assert asked_s <= sounds_at_s <= running.now_s()
    assert not playback.interrupted
    assert playback.played_s == pytest.approx(0.4, abs=0.02)


async def test_cleared_in_the_middle_it_tells_what_was_played(running: Devices) -> None:
    await running.sink.write(_tone(3.0))
    await running.pass_time(0.5)
    playback = running.sink.clear()
    assert playback.interrupted
    assert 0.0 < playback.played_s < 1.5
    assert await running.sink.drain() == Playback(0.0, interrupted=False)


async def test_a_full_speaker_makes_the_writer_wait(running: Devices) -> None:
    await running.sink.write(_tone(2.5))
    writing = asyncio.create_task(running.sink.write(_tone(0.1)))
    await asyncio.sleep(0)
    assert not writing.done()
    running.sink.clear()
    await writing
    running.sink.clear()


async def test_sound_can_be_ducked_and_comes_back(running: Devices) -> None:
    running.sink.duck(0.1)
    await running.sink.write(_tone(0.1))
    running.sink.duck(1.0)
    assert (await running.sink.drain()).played_s == pytest.approx(0.1, abs=0.02)
