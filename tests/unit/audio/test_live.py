"""A live card whose devices come and go: what the user hears, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from heisenberg.audio import supervisor
from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.live import DeviceState, LiveCard
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import AudioConfig
from heisenberg.core.errors import DeviceLost, DeviceNotFound
from tests.fakes.portaudio import BAD_RATE, BUSY, FakeDevice, FakeSound, InlineThread, VirtualTime
from tests.unit.audio.live_room import keeps_time, listening, tone, until, use, write

BACK, LOST, MISSING, SILENT = (
    DeviceState.BACK,
    DeviceState.LOST,
    DeviceState.MISSING,
    DeviceState.SILENT,
)


@pytest.fixture
def microphone() -> FakeDevice:
    return FakeDevice("Desk microphone", inputs=1)


@pytest.fixture
def speaker() -> FakeDevice:
    return FakeDevice("Shelf speaker", outputs=2, rate_hz=44_100)


@pytest.fixture
def sound(
    monkeypatch: pytest.MonkeyPatch, microphone: FakeDevice, speaker: FakeDevice
) -> FakeSound:
    return use(FakeSound(microphone, speaker), monkeypatch)


async def test_a_microphone_is_heard_and_a_speaker_plays(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        assert (room.card.microphone, room.card.speaker) == ("Desk microphone", "Shelf speaker")
        await room.wait(1.0)
        assert room.heard_s() == pytest.approx(1.0, abs=0.1)
        assert all(np.abs(chunk.pcm - 100).max() <= 1 for chunk in room.heard[5:])
        reply = await write(room, 3.0)
        await room.wait(3.5)
        assert await reply == pytest.approx(3.0, abs=0.01)
        assert len(speaker.sound()) / 44_100 == pytest.approx(3.0, abs=0.01)
        keeps_time(room)
    assert room.reports == []


async def test_a_microphone_that_is_pulled_is_silent_and_time_goes_on(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.pull(microphone)
        await room.wait(30.0)
        assert room.said() == [("microphone", LOST, "Desk microphone")]
        assert not any(chunk.pcm.any() for chunk in room.heard if chunk.t_s > 1.1)
        keeps_time(room)
        paths = room.card.reference.paths
        sound.plug(microphone)
        back_s = await until(room, lambda: bool(room.heard[-1].pcm.any()), within_s=3.0)
        assert back_s < 2.5
        await room.wait(2.0)
        keeps_time(room, jump_s=0.2)
        assert room.said()[1:] == [("microphone", BACK, "Desk microphone")]
        assert room.card.reference.paths > paths


async def test_a_reply_waits_for_its_speaker_and_loses_nothing(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        reply = await write(room, 4.0)
        await room.wait(1.0)
        before, paths = len(speaker.sound()), room.card.reference.paths
        sound.pull(speaker)
        await room.wait(10.0)
        assert not reply.done()
        assert len(speaker.sound()) == before
        sound.plug(speaker)
        await until(room, lambda: len(speaker.sound()) > before, within_s=3.0)
        await room.wait(5.0)
        assert await reply == pytest.approx(4.0, abs=0.01)
        assert len(speaker.sound()) / 44_100 == pytest.approx(4.0, abs=0.05)
        assert room.said() == [
            ("speaker", LOST, "Shelf speaker"),
            ("speaker", BACK, "Shelf speaker"),
        ]
        assert room.card.reference.paths > paths


async def test_the_rest_of_a_reply_is_as_long_at_a_speaker_of_another_rate(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    other = FakeDevice("Head phones", outputs=2, rate_hz=16_000)
    async with listening(sound, AudioConfig(volume=0.5)) as room:
        reply = await write(room, 2.0)
        await room.wait(1.0)
        sound.pull(speaker)
        await room.wait(1.0)
        sound.plug(other)
        await room.wait(5.0)
        assert await reply == pytest.approx(2.0, abs=0.01)
        rest = other.sound()
        assert len(rest) / 16_000 == pytest.approx(1.0, abs=0.05)
        assert np.abs(rest[400:-400]).max() == pytest.approx(4000, rel=0.02)


@pytest.mark.parametrize("waiting", ["write", "drain"])
async def test_a_reply_ends_when_its_speaker_stays_away(
    sound: FakeSound, speaker: FakeDevice, waiting: str
) -> None:
    async with listening(sound) as room:
        await room.card.sink.write(tone(1.0))
        await room.wait(0.5)
        sound.pull(speaker)
        await room.wait(1.0)
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "write": lambda: room.card.sink.write(tone(0.1)),
            "drain": room.card.sink.drain,
        }
        task = asyncio.ensure_future(calls[waiting]())
        await room.wait(18.0)
        assert not task.done()
        await room.wait(2.0)
        with pytest.raises(DeviceLost, match="speaker has been away for 20 s") as caught:
            await task
        assert caught.value.hint
        room.card.sink.clear()


async def test_without_any_device_it_starts_and_uses_them_as_they_appear(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    sound.plugged.clear()
    sound.listed.clear()
    async with listening(sound) as room:
        await room.wait(5.0)
        assert room.said() == [("speaker", MISSING, ""), ("microphone", MISSING, "")]
        assert all("Connect one." in hint for *_, hint in room.reports)
        keeps_time(room)
        sound.plug(microphone)
        await until(room, lambda: bool(room.heard[-1].pcm.any()), within_s=3.0)
        sound.plug(speaker)
        reply = await write(room, 1.0)
        await room.wait(4.0)
        assert await reply == pytest.approx(1.0, abs=0.01)
        assert room.said()[2:] == [
            ("microphone", BACK, "Desk microphone"),
            ("speaker", BACK, "Shelf speaker"),
        ]


async def test_a_device_that_calls_back_no_more_is_lost_after_a_second(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(2.0)
        microphone.stalled = True
        lost_s = await until(room, lambda: bool(room.reports), within_s=2.0)
        assert lost_s > 1.0
        assert room.said() == [("microphone", LOST, "Desk microphone")]
        await room.wait(10.0)
        microphone.stalled = False
        await until(room, lambda: len(room.reports) == 2, within_s=3.0)
        assert room.said()[1:] == [("microphone", BACK, "Desk microphone")]


async def test_a_busy_moment_of_this_process_is_no_loss(sound: FakeSound) -> None:
    async with listening(sound) as room:
        await room.wait(2.0)
        room.time.stall(3.0)
        await room.wait(2.0)
        assert room.reports == []
        keeps_time(room)
        assert room.heard_s() == pytest.approx(7.0, abs=0.1)


async def test_a_process_that_was_stopped_has_lost_no_device(sound: FakeSound) -> None:
    async with listening(sound) as room:
        await room.wait(2.0)
        await room.time.skip(60.0)
        await room.wait(3.0)
        assert room.reports == []
        assert len(sound.opened) == 2
        keeps_time(room, jump_s=60.1)


async def test_a_microphone_of_zeros_is_said_once_and_opened_again_less_and_less_often(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    microphone.hears = lambda frames: np.zeros(frames, np.int16)
    async with listening(sound) as room:
        await room.wait(9.0)
        assert room.reports == []
        await room.wait(2.0)
        assert room.said() == [("microphone", SILENT, "Desk microphone")]
        assert room.reports[0][4]
        reopened = len(sound.rates_hz(microphone))
        await room.wait(19.0)
        assert len(sound.rates_hz(microphone)) == reopened == 2
        await room.wait(3.0)
        assert len(sound.rates_hz(microphone)) == 3
        await room.wait(36.0)
        assert len(sound.rates_hz(microphone)) == 3
        await room.wait(6.0)
        assert len(sound.rates_hz(microphone)) == 4
        microphone.hears = lambda frames: np.ones(frames, np.int16)
        await room.wait(1.0)
        assert room.said()[1:] == [("microphone", BACK, "Desk microphone")]


async def test_a_reply_is_not_interrupted_because_the_microphone_is_gone(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        reply = await write(room, 6.0)
        await room.wait(1.0)
        sound.pull(microphone)
        await room.wait(1.0)
        sound.plug(microphone)
        await room.wait(3.5)
        assert sound.restarts == 0
        assert len(sound.rates_hz(speaker)) == 1
        await room.wait(1.0)
        assert await reply == pytest.approx(6.0, abs=0.01)
        assert len(speaker.sound()) / 44_100 == pytest.approx(6.0, abs=0.01)
        await until(room, lambda: bool(room.heard[-1].pcm.any()), within_s=3.0)
        await room.wait(0.5)
        assert room.said() == [
            ("microphone", LOST, "Desk microphone"),
            ("microphone", BACK, "Desk microphone"),
        ]


async def test_what_alsa_looks_up_is_opened_again_without_touching_the_other(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    microphone.host_api = speaker.host_api = "ALSA"
    async with listening(sound) as room:
        reply = await write(room, 8.0)
        await room.wait(1.0)
        sound.pull(microphone)
        await room.wait(3.0)
        sound.plug(microphone)
        await until(room, lambda: bool(room.heard[-1].pcm.any()), within_s=2.0)
        assert not reply.done()
        await room.wait(5.0)
        assert await reply == pytest.approx(8.0, abs=0.01)
        assert (sound.restarts, len(sound.rates_hz(speaker))) == (0, 1)


async def test_attempts_come_slower_and_slower(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.pull(microphone)
        sound.pull(speaker)
        attempts: list[float] = []
        for _ in range(900):
            before = sound.restarts
            await room.wait(0.1)
            if sound.restarts > before:
                attempts.append(room.card.now_s())
        gaps = np.diff(attempts)
        assert gaps[0] < 0.6
        assert gaps[3:40] == pytest.approx(np.full(37, 1.2), abs=0.2)
        assert gaps[-5:] == pytest.approx(np.full(5, 2.2), abs=0.2)


async def test_looking_for_one_device_seldom_interrupts_the_other(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.pull(speaker)
        await room.wait(60.0)
        soon = sound.restarts
        await room.wait(60.0)
        assert 20 <= soon <= 31
        assert sound.restarts - soon <= 7
        assert room.said() == [("speaker", LOST, "Shelf speaker")]
        keeps_time(room, jump_s=0.2)


async def test_a_busy_device_is_said_and_taken_when_it_is_free(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    speaker.refusal = BUSY
    async with listening(sound) as room:
        await room.wait(5.0)
        ((_, kind, state, _, hint),) = room.reports
        assert (kind, state) == ("speaker", MISSING)
        assert "'Shelf speaker' can't be opened: Device unavailable." in hint
        assert "\n" not in hint
        speaker.refusal = None
        await until(room, lambda: room.card.speaker == "Shelf speaker", within_s=3.0)


async def test_a_rate_that_is_refused_is_not_the_last(
    sound: FakeSound, microphone: FakeDevice, speaker: FakeDevice
) -> None:
    for device in (microphone, speaker):
        device.refusal, device.refused_hz = BAD_RATE, (44_100, 48_000)
    async with listening(sound) as room:
        assert sound.rates_hz(microphone) == [48_000, 44_100, 16_000]
        assert sound.rates_hz(speaker) == [44_100, 48_000, 16_000]
        await room.wait(1.0)
        assert room.heard_s() == pytest.approx(1.0, abs=0.1)
        reply = await write(room, 1.0)
        await room.wait(1.5)
        assert await reply == pytest.approx(1.0, abs=0.01)
        assert len(speaker.sound()) / 16_000 == pytest.approx(1.0, abs=0.01)


async def test_lost_input_is_counted_and_the_times_stay_true(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(2.0)
        microphone.stalled = True
        await room.wait(0.6)
        microphone.stalled = False
        sound.xruns.add("Desk microphone")
        await room.wait(1.0)
        assert room.card.overruns == 1
        assert room.heard_s() == pytest.approx(3.0, abs=0.1)
        keeps_time(room, jump_s=0.7)
        assert room.reports == []


async def test_what_nobody_takes_in_time_is_dropped_and_counted(sound: FakeSound) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        room.time.stall(15.0)
        await room.wait(1.0)
        assert room.card.overruns == 1
        assert room.heard_s() == pytest.approx(12.0, abs=0.1)
        keeps_time(room, jump_s=5.2)


async def test_a_speaker_that_runs_dry_is_counted(sound: FakeSound) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.xruns.add("Shelf speaker")
        await room.wait(1.0)
        assert room.card.underruns == 1
        assert room.reports == []


async def test_after_a_long_quiet_sound_is_taken_in_larger_pieces_until_somebody_speaks(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    noise = np.random.default_rng(1)

    def murmur(frames: int, level: float = 30.0) -> Pcm:
        return np.asarray(noise.standard_normal(frames) * level, np.int16)

    microphone.hears = murmur
    async with listening(sound) as room:
        await room.wait(6.0)
        assert room.heard[-1].duration_s > 0.2
        microphone.hears = lambda frames: murmur(frames, 300.0)
        await room.wait(0.5)
        assert room.heard[-1].duration_s < 0.05
        keeps_time(room)
        microphone.hears = murmur
        await room.wait(2.5)
        assert room.heard[-1].duration_s < 0.05, "a pause for thought"
        await room.wait(2.0)
        assert room.heard[-1].duration_s > 0.2
        reply = await write(room, 1.0)
        await room.wait(0.8)
        assert room.heard[-1].duration_s < 0.05, "somebody may interrupt"
        await room.wait(1.0)
        await reply
        assert room.heard_s() == pytest.approx(room.card.now_s(), abs=0.4)


async def test_a_bluetooth_microphone_stays_closed_beside_another(sound: FakeSound) -> None:
    sound.listed.insert(0, FakeDevice("Anna's AirPods", inputs=1, outputs=2, rate_hz=24_000))
    sound.plugged.insert(0, sound.listed[0])
    async with listening(sound) as room:
        assert (room.card.microphone, room.card.speaker) == ("Desk microphone", "Anna's AirPods")
        assert room.reports == []


async def test_with_a_bluetooth_microphone_alone_it_runs_without_one(sound: FakeSound) -> None:
    headset = FakeDevice("Anna's AirPods", inputs=1, outputs=2, rate_hz=24_000)
    sound.plugged[:] = sound.listed[:] = [headset]
    async with listening(sound) as room:
        await room.wait(3.0)
        assert (room.card.microphone, room.card.speaker) == ("", "Anna's AirPods")
        ((_, kind, state, _, hint),) = room.reports
        assert (kind, state) == ("microphone", MISSING)
        assert "Anna's AirPods" in hint
        assert "audio.bluetooth_microphone = true" in hint
        keeps_time(room, jump_s=0.2)
    async with listening(sound, AudioConfig(bluetooth_microphone=True)) as room:
        assert room.card.microphone == "Anna's AirPods"


async def test_a_sound_system_that_fails_for_a_while_is_survived(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.fails_to_start = True
        sound.pull(microphone)
        await room.wait(5.0)
        assert room.said() == [
            ("microphone", LOST, "Desk microphone"),
            ("speaker", LOST, "Shelf speaker"),
        ]
        assert "no host" in room.reports[1][4]
        sound.fails_to_start = False
        sound.plug(microphone)
        await room.wait(3.0)
        assert room.said()[2:] == [
            ("speaker", BACK, "Shelf speaker"),
            ("microphone", BACK, "Desk microphone"),
        ]


async def test_another_default_takes_the_place_of_one_that_is_gone(
    sound: FakeSound, microphone: FakeDevice
) -> None:
    built_in = FakeDevice("Built-in microphone", inputs=1)
    sound.plug(built_in)
    sound.listed.append(built_in)
    async with listening(sound) as room:
        await room.wait(1.0)
        sound.pull(microphone)
        await room.wait(3.0)
        assert room.said() == [
            ("microphone", LOST, "Desk microphone"),
            ("microphone", BACK, "Built-in microphone"),
        ]


async def test_closed_ends_end_the_card(sound: FakeSound) -> None:
    async with listening(sound) as room:
        await room.wait(1.0)
        await room.card.source.aclose()
        assert [stream.found.name for stream in sound.streams if stream.found] == ["Shelf speaker"]
        await room.card.sink.aclose()
        assert not sound.streams
        with pytest.raises(DeviceLost, match="closed"):
            await room.card.sink.write(tone(0.1))


async def test_a_reply_that_waits_for_its_speaker_ends_with_the_card(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    async with listening(sound) as room:
        sound.pull(speaker)
        await room.wait(1.0)
        writing = asyncio.create_task(room.card.sink.write(tone(0.1)))
        await asyncio.sleep(0)
        await room.card.aclose()
        await room.wait(0.2)
        with pytest.raises(DeviceLost):
            await writing


async def test_a_speaker_alone_can_be_opened_for_one_text(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    time = VirtualTime(sound)
    card = await LiveCard.open_speaker(AudioConfig(), time=time.live)
    writing = asyncio.create_task(card.sink.write(tone(0.5)))
    await time.advance(1.0)
    await writing
    await card.aclose()
    assert len(speaker.sound()) / 44_100 == pytest.approx(0.5, abs=0.05)
    assert not sound.streams
    speaker.refusal = BUSY
    with pytest.raises(DeviceLost, match="Device unavailable"):
        await LiveCard.open_speaker(AudioConfig(), time=time.live)
    with pytest.raises(DeviceNotFound, match="No speaker matches 'Studio'"):
        await LiveCard.open_speaker(AudioConfig(output_device="Studio"), time=time.live)


async def test_an_opening_that_is_cancelled_leaves_nothing(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(InlineThread):
        async def run(self, call: Callable[[], object]) -> object:  # type: ignore[override]
            await asyncio.Event().wait()
            return call()

    monkeypatch.setattr(supervisor, "SoundThread", Hanging)
    opening = asyncio.create_task(
        LiveCard.open(AudioConfig(), lambda *_: None, time=VirtualTime(sound).live)
    )
    await asyncio.sleep(0.01)
    await cancel_and_wait(opening)
    assert opening.cancelled()


async def test_the_speakers_sound_is_what_the_echo_canceller_is_told(sound: FakeSound) -> None:
    async with listening(sound, AudioConfig(volume=0.5)) as room:
        await room.wait(0.5)
        told: list[Pcm] = []
        at = len(room.heard)
        reply = await write(room, 1.0)
        for _ in range(200):
            await room.wait(0.01)
            told += [room.card.reference.read(len(chunk.pcm)) for chunk in room.heard[at:]]
            at = len(room.heard)
        await reply
        far = np.concatenate(told)
        loud = np.flatnonzero(np.abs(far) > 10)  # the resampler dithers
        assert (loud[-1] - loud[0]) / RATE_HZ == pytest.approx(1.0, abs=0.02)
        assert np.abs(far).max() == pytest.approx(4000, rel=0.05)
        assert room.card.reference.is_silent
