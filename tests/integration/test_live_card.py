"""A live card on PulseAudio's devices, which are pulled and put back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio import line, live_sink
from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.audio.wavfile import write_wav
from heisenberg.bench.virtual_card.soundcard import MISSING, SoundCard, is_available, sound_card
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import AudioConfig

pytestmark = pytest.mark.skipif(not is_available(), reason=MISSING)

_BACK_WITHIN_S = 3.0
_TIMES = 2


@dataclass
class Rig:
    """A live card on a sound card, and somebody who listens to its microphone."""

    card: SoundCard
    live: LiveCard
    said: list[tuple[str, DeviceState]]
    heard: list[AudioChunk] = field(default_factory=list)
    heard_more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        async with aclosing(aiter(self.live.source)) as chunks:
            async for chunk in chunks:
                self.heard.append(chunk)
                self.heard_more.set()

    async def until(self, condition: Callable[[], bool], *, within_s: float) -> float:
        """How long it takes; looked at with every chunk of the microphone, or of silence."""
        began_s = time.monotonic()
        async with asyncio.timeout(within_s):
            while not condition():
                self.heard_more.clear()
                await self.heard_more.wait()
        return time.monotonic() - began_s

    async def pass_time(self, seconds: float) -> None:
        """In sound heard, or silence in its place."""
        until_s = self.heard[-1].t_s + seconds
        await self.until(lambda: self.heard[-1].t_s >= until_s, within_s=2 * seconds + 5)

    def hears(self) -> bool:
        return bool(self.heard) and bool(self.heard[-1].pcm.any())


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    with sound_card(tmp_path) as card:
        for name in ("ALSA_CONFIG_PATH", "PULSE_COOKIE", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, card.environment[name])
        import sounddevice

        sounddevice._terminate()
        sounddevice._initialize()
        yield card
        sounddevice._terminate()
        sounddevice._initialize()


@pytest_asyncio.fixture
async def rig(card: SoundCard) -> AsyncIterator[Rig]:
    said: list[tuple[str, DeviceState]] = []
    live = await LiveCard.open(
        AudioConfig(), lambda kind, state, _name, _hint: said.append((kind, state))
    )
    rig = Rig(card, live, said)
    listening = asyncio.create_task(rig.listen())
    yield rig
    await live.aclose()
    await cancel_and_wait(listening)


def _tone(seconds: float) -> Pcm:
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(8000 * np.sin(2 * np.pi * 440 * times_s), dtype=np.int16)


@pytest.fixture
def talking(card: SoundCard, tmp_path: Path) -> Iterator[None]:
    """Somebody talks into the microphone, whenever it is there."""
    write_wav(tmp_path / "tone.wav", _tone(30.0))
    play = f"paplay --server={card.servers['microphone']} --latency-msec=50 tone.wav"
    command = ["sh", "-c", f"while :; do {play}; sleep 0.05; done 2>/dev/null"]
    with subprocess.Popen(
        command, env=card.environment, cwd=tmp_path, start_new_session=True
    ) as talking:
        yield
        os.killpg(talking.pid, signal.SIGTERM)


def _seconds_until_sound(card: SoundCard) -> float:
    """How long it takes until the speaker plays something."""
    began_s = time.monotonic()
    command = ["parec", f"--server={card.servers['speaker']}", "--device=speaker.monitor"]
    command += ["--latency-msec=20", "--channels=1", f"--rate={RATE_HZ}"]
    with subprocess.Popen(command, env=card.environment, stdout=subprocess.PIPE) as recording:
        assert recording.stdout is not None
        while not any(recording.stdout.read(320)):
            assert time.monotonic() - began_s < 2 * _BACK_WITHIN_S, "silence"
        recording.terminate()
        return time.monotonic() - began_s


@pytest.mark.usefixtures("talking")
async def test_a_microphone_that_was_pulled_is_heard_again_within_three_seconds(
    rig: Rig,
) -> None:
    await rig.until(rig.hears, within_s=10)
    for _ in range(_TIMES):
        rig.said.clear()
        await asyncio.to_thread(rig.card.pull, "microphone")
        await rig.until(lambda: not rig.hears(), within_s=5)
        await rig.pass_time(1.0)
        assert rig.heard[-1].t_s == pytest.approx(rig.live.now_s(), abs=0.5)
        await asyncio.to_thread(rig.card.put_back, "microphone")
        took_s = await rig.until(rig.hears, within_s=10)
        print(f"microphone back after {took_s:.2f} s")
        assert took_s <= _BACK_WITHIN_S
        await rig.until(lambda: len(rig.said) == 2, within_s=5)
        assert rig.said == [("microphone", DeviceState.LOST), ("microphone", DeviceState.BACK)]


@pytest.mark.usefixtures("talking")
async def test_a_reply_goes_on_within_three_seconds_when_its_speaker_is_back(rig: Rig) -> None:
    reply_s = 6.0
    for _ in range(_TIMES):
        rig.said.clear()

        async def speak() -> float:
            for _ in range(round(reply_s / 0.5)):
                await rig.live.sink.write(AudioChunk(_tone(0.5)))
            return (await rig.live.sink.drain()).played_s

        speaking = asyncio.create_task(speak())
        assert await asyncio.to_thread(_seconds_until_sound, rig.card) < 5.0
        await asyncio.to_thread(rig.card.pull, "speaker")
        await rig.until(lambda: bool(rig.said), within_s=5)
        await rig.pass_time(1.0)
        assert not speaking.done()
        await asyncio.to_thread(rig.card.put_back, "speaker")
        took_s = await asyncio.to_thread(_seconds_until_sound, rig.card)
        print(f"speaker back after {took_s:.2f} s")
        assert took_s <= _BACK_WITHIN_S
        async with asyncio.timeout(15):
            assert await speaking == pytest.approx(reply_s, abs=0.1)
        assert rig.said == [("speaker", DeviceState.LOST), ("speaker", DeviceState.BACK)]


async def _until_it_rests(rig: Rig) -> None:
    """Until the sound server knows of nobody who plays."""
    server = f"--server={rig.card.servers['speaker']}"
    command = ["pactl", server, "list", "short", "sink-inputs"]
    async with asyncio.timeout(5):
        while (
            await asyncio.to_thread(
                subprocess.run, command, env=rig.card.environment, capture_output=True, check=True
            )
        ).stdout:
            await rig.pass_time(0.2)


@pytest.mark.usefixtures("talking")
async def test_a_speaker_that_rests_sounds_when_it_is_written_to_and_is_missed_when_pulled(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sink, "_REST_AFTER_S", 0.5)
    monkeypatch.setattr(line, "_CHECK_S", 0.5)
    await rig.until(rig.hears, within_s=10)
    for _ in range(_TIMES):
        await _until_it_rests(rig)
        before_s = rig.live.now_s()
        sounds_at_s = await rig.live.sink.write(AudioChunk(_tone(0.3)))
        print(f"sounds after {sounds_at_s - before_s:.3f} s")
        assert sounds_at_s - before_s < 0.5
        assert (await rig.live.sink.drain()).played_s == pytest.approx(0.3, abs=0.02)
    assert rig.said == []
    await _until_it_rests(rig)
    await asyncio.to_thread(rig.card.pull, "speaker")
    await rig.until(lambda: rig.said == [("speaker", DeviceState.LOST)], within_s=5)
    speaking = asyncio.create_task(rig.live.sink.write(AudioChunk(_tone(1.0))))
    await rig.pass_time(1.0)
    assert not speaking.done()
    await asyncio.to_thread(rig.card.put_back, "speaker")
    assert await asyncio.to_thread(_seconds_until_sound, rig.card) < _BACK_WITHIN_S
    await speaking
    await rig.until(lambda: rig.said[1:] == [("speaker", DeviceState.BACK)], within_s=2)


async def test_without_any_device_it_starts_and_finds_them_later(
    card: SoundCard,
) -> None:
    await asyncio.to_thread(card.pull, "microphone")
    await asyncio.to_thread(card.pull, "speaker")
    said: list[tuple[str, DeviceState]] = []
    live = await LiveCard.open(
        AudioConfig(), lambda kind, state, _name, _hint: said.append((kind, state))
    )
    rig = Rig(card, live, said)
    listening = asyncio.create_task(rig.listen())
    assert said == [("speaker", DeviceState.MISSING), ("microphone", DeviceState.MISSING)]
    await asyncio.to_thread(card.put_back, "microphone")
    await asyncio.to_thread(card.put_back, "speaker")
    await rig.until(lambda: len(said) == 4, within_s=_BACK_WITHIN_S + 1)
    assert set(said[2:]) == {("microphone", DeviceState.BACK), ("speaker", DeviceState.BACK)}
    await live.aclose()
    await listening
