"""A speaker whose stream rests while nothing sounds: nobody notices but the processor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest

from heisenberg.audio import supervisor
from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.live import DeviceState
from heisenberg.core.errors import DeviceLost
from tests.fakes.portaudio import BUSY, FakeDevice, FakeSound, InlineThread
from tests.unit.audio.live_room import Room, keeps_time, listening, tone, until, use, write

T = TypeVar("T")

LOST = ("speaker", DeviceState.LOST, "pulse")
BACK = ("speaker", DeviceState.BACK, "pulse")


@pytest.fixture
def microphone() -> FakeDevice:
    return FakeDevice("Desk microphone", inputs=1)


@pytest.fixture
def speaker() -> FakeDevice:
    return FakeDevice("pulse", outputs=2, rate_hz=44_100, host_api="ALSA")


@pytest.fixture
def sound(
    monkeypatch: pytest.MonkeyPatch, microphone: FakeDevice, speaker: FakeDevice
) -> FakeSound:
    return use(FakeSound(microphone, speaker), monkeypatch)


async def rest(room: Room, speaker: FakeDevice) -> None:
    await until(room, lambda: not room.sound.is_open(speaker), within_s=130.0)


async def test_after_two_minutes_of_silence_the_stream_ends_and_all_else_goes_on(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(115.0)
        reply = await write(room, 3.0)
        await room.wait(3.5)
        await reply
        await room.wait(118.0)
        assert sound.is_open(speaker)
        await room.wait(3.0)
        assert not sound.is_open(speaker)
        await room.wait(600.0)
        assert not sound.is_open(speaker)
        assert room.card.speaker == "pulse"
        assert room.heard_s() == pytest.approx(room.card.now_s(), abs=0.4)
        keeps_time(room)
    assert room.reports == []


async def test_what_is_written_into_the_rest_sounds_soon_and_whole(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        for _ in range(2):
            await rest(room, speaker)
            await room.wait(100.0)
            speaker.played.clear()
            began_s = room.card.now_s()
            reply = await write(room, 2.0)
            await until(room, lambda: len(speaker.sound()) > 0, within_s=0.2)
            await room.wait(2.5)
            assert await reply == pytest.approx(2.0, abs=0.01)
            assert len(speaker.sound()) / 44_100 == pytest.approx(2.0, abs=0.01)
            assert room.card.now_s() - began_s < 3.0
    assert room.reports == []


async def test_writing_says_when_the_sound_begins_after_the_rest(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        writing = asyncio.create_task(room.card.sink.write(tone(1.0)))
        began_s = room.card.now_s()
        while not len(speaker.sound()):
            await room.wait(0.01)
        latency_s = 0.04
        assert await writing == pytest.approx(room.card.now_s() + latency_s, abs=0.02)
        assert room.card.now_s() - began_s < 0.1


async def test_the_stream_is_there_before_the_reply_when_one_is_expected(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        room.card.sink.expect_sound(True)
        await room.wait(0.02)
        assert sound.is_open(speaker)
        await room.wait(130.0)
        assert sound.is_open(speaker), "a long question"
        room.card.sink.expect_sound(False)
        await room.wait(0.5)
        assert not sound.is_open(speaker)
    assert room.reports == []


async def test_a_device_that_goes_while_its_stream_rests_is_lost_and_comes_back(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        sound.pull(speaker)
        assert await until(room, lambda: bool(room.reports), within_s=11.0) > 0.2
        assert room.said() == [LOST]
        await room.wait(90.0)
        assert room.card.speaker == ""
        sound.plug(speaker)
        await until(room, lambda: len(room.reports) == 2, within_s=3.0)
        assert room.said() == [LOST, BACK]
        speaker.played.clear()
        reply = await write(room, 1.0)
        await room.wait(1.5)
        assert await reply == pytest.approx(1.0, abs=0.01)
        assert len(speaker.sound()) / 44_100 == pytest.approx(1.0, abs=0.01)
        assert sound.restarts == 0


async def test_a_device_that_is_put_back_before_anybody_looks_was_never_away(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        sound.pull(speaker)
        await room.wait(5.0)
        sound.plug(speaker)
        reply = await write(room, 1.0)
        await room.wait(1.5)
        assert await reply == pytest.approx(1.0, abs=0.01)
    assert room.reports == []


async def test_a_reply_waits_for_a_device_that_has_gone_unnoticed(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        await room.wait(100.0)
        sound.pull(speaker)
        speaker.played.clear()
        room.card.sink.expect_sound(True)
        await room.wait(0.1)
        assert room.said() == [LOST]
        reply = await write(room, 1.0)
        await room.wait(10.0)
        assert not reply.done()
        sound.plug(speaker)
        await room.wait(4.0)
        assert await reply == pytest.approx(1.0, abs=0.01)
        assert len(speaker.sound()) / 44_100 == pytest.approx(1.0, abs=0.01)
        assert room.said() == [LOST, BACK]


async def test_a_device_that_another_program_holds_is_there(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        speaker.refusal = BUSY
        await room.wait(60.0)
        assert room.reports == []
        speaker.refusal = None
        reply = await write(room, 1.0)
        await room.wait(1.5)
        assert await reply == pytest.approx(1.0, abs=0.01)


async def test_the_device_is_looked_for_seldom(sound: FakeSound, speaker: FakeDevice) -> None:
    async with listening(sound) as room:
        await room.wait(115.0)
        assert sound.checks == 0
        await rest(room, speaker)
        await room.wait(100.0)
        assert 8 <= sound.checks <= 10


async def test_a_sound_system_that_hangs_after_the_rest_costs_a_reply_twenty_seconds(
    sound: FakeSound, speaker: FakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = False

    class Hanging(InlineThread):
        async def run(self, call: Callable[[], T]) -> T:
            if stuck:
                await asyncio.Event().wait()
            return call()

    monkeypatch.setattr(supervisor, "SoundThread", Hanging)
    async with listening(sound) as room:
        await rest(room, speaker)
        stuck = True
        writing = asyncio.create_task(room.card.sink.write(tone(0.5)))
        await room.wait(19.0)
        assert not writing.done()
        await room.wait(2.0)
        with pytest.raises(DeviceLost, match="away for 20 s"):
            await writing
        stuck = False


@pytest.mark.parametrize(
    ("name", "host_api"), [("USB speaker: Audio (hw:1,0)", "ALSA"), ("Shelf", "Core Audio")]
)
async def test_a_device_that_must_be_looked_for_in_a_new_list_does_not_rest(
    sound: FakeSound, speaker: FakeDevice, name: str, host_api: str
) -> None:
    speaker.name, speaker.host_api = name, host_api
    async with listening(sound) as room:
        await room.wait(60.0)
        assert sound.is_open(speaker)


async def test_a_microphone_that_comes_and_goes_does_not_end_the_rest(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        opened = len(sound.rates_hz(speaker))
        sound.pull(microphone)
        await room.wait(5.0)
        sound.plug(microphone)
        await until(room, lambda: len(room.reports) == 2, within_s=3.0)
        assert [kind for kind, *_ in room.said()] == ["microphone", "microphone"]
        assert sound.restarts > 0
        await room.wait(130.0)
        assert len(sound.rates_hz(speaker)) == opened
        assert len(room.reports) == 2


async def test_a_speaker_that_is_closed_as_it_is_needed_again_is_not_missed(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await rest(room, speaker)
        room.card.sink.expect_sound(True)
        await room.card.sink.aclose()
        await room.wait(1.0)
        assert not sound.is_open(speaker)
    assert room.reports == []


async def test_how_often_the_speaker_ran_dry_is_not_forgotten(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.xruns.add("pulse")
        await rest(room, speaker)
        assert room.card.underruns == 1
        await write(room, 1.0)
        await room.wait(1.5)
        assert room.card.underruns == 1


async def test_the_echo_canceller_is_told_of_the_sound_after_the_rest_as_of_any(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    """As long before its echo as at first; and the path begins anew before the sound, not in it."""

    async def play(room: Room) -> tuple[float, Pcm]:
        """How long after the speaker got a sound the microphone could have heard what is told of
        it, and what is told."""
        told: list[Pcm] = []
        at, handed_s, told_s = len(room.heard), None, None
        speaker.played.clear()
        await write(room, 1.0)
        for _ in range(150):
            await room.wait(0.01)
            if handed_s is None and len(speaker.sound()):
                handed_s = room.card.now_s()
            for chunk in room.heard[at:]:
                told.append(room.card.reference.read(len(chunk.pcm)))
                loud = np.flatnonzero(np.abs(told[-1]) > 100)
                if told_s is None and len(loud):
                    told_s = chunk.t_s + loud[0] / RATE_HZ
            at = len(room.heard)
        assert handed_s is not None
        assert told_s is not None
        return told_s - handed_s, np.concatenate(told)

    async def read_along(room: Room, seconds: float) -> None:
        at = len(room.heard)
        for _ in range(round(seconds / 0.01)):
            await room.wait(0.01)
            for chunk in room.heard[at:]:
                assert not room.card.reference.read(len(chunk.pcm)).any()
            at = len(room.heard)

    async with listening(sound) as room:
        await read_along(room, 1.0)
        lag_s, _ = await play(room)
        paths = room.card.reference.paths
        await read_along(room, 130.0)
        assert not sound.is_open(speaker)
        assert room.card.reference.is_silent
        assert room.card.reference.paths == paths
        room.card.sink.expect_sound(True)
        await read_along(room, 0.5)
        assert room.card.reference.paths > paths
        paths = room.card.reference.paths
        after_s, told = await play(room)
        assert after_s == pytest.approx(lag_s, abs=0.011)
        loud = np.flatnonzero(np.abs(told) > 100)
        assert (loud[-1] - loud[0]) / RATE_HZ == pytest.approx(1.0, abs=0.02)
        assert room.card.reference.paths == paths, "the path is settled before the sound"
