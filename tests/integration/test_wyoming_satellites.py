"""Rooms at the other end of a network: satellites that are talked to through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from heisenberg import over_wyoming
from heisenberg.audio.base import Pcm
from heisenberg.audio.chime import ringing
from heisenberg.core.config import Config
from heisenberg.core.errors import EngineError, ServiceError
from heisenberg.core.house_bell import HouseBell
from heisenberg.core.phrases import Phrases
from heisenberg.llm.base import Rank
from heisenberg.loading import Engines
from heisenberg.over_wyoming import open_satellites
from heisenberg.skills.base import Action, Call
from heisenberg.skills.repertoire import Repertoire
from heisenberg.stt.base import Transcript
from heisenberg.wyoming.messages import AudioStop, Event, PipelineStage, RunPipeline
from heisenberg.wyoming.satellite.link import Timing
from heisenberg.wyoming.satellite.satellites import Satellites
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.satellite import ScriptedSatellite, satellite
from tests.fakes.skills import LAMP, ScriptedSkill, repertoire
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.vad import ScriptedVad
from tests.fakes.wake import ScriptedWake, wake_sound
from tests.integration.scene import voice

WORD_S = 0.01
QUESTION = join(silence(0.2), voice(0.8), silence(1.5))
CALLED_QUESTION = join(silence(0.5), wake_sound(), voice(0.8), silence(1.5))
SOON = Timing(ping_s=0.05, silent_s=5.0, first_wait_s=0.01, longest_wait_s=0.02)


@dataclass
class _House:
    """What all satellites share."""

    llm: ScriptedLanguageModel = field(
        default_factory=lambda: ScriptedLanguageModel([("It is ", "Paris.")])
    )
    stt: ScriptedStt = field(default_factory=ScriptedStt)
    tts: ScriptedTts = field(default_factory=lambda: ScriptedTts(word_s=WORD_S))
    skills: Repertoire | None = None

    def engines(self) -> Engines:
        return Engines(
            ScriptedWake(),
            ScriptedVad(),
            ScriptedTurnDetector(),
            self.stt,
            self.llm,
            self.tts,
            Phrases("Sorry.", closings=frozenset({"stop"})),
            skills=self.skills,
        )


_Connect = Callable[..., Any]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> _Connect:
    """Heisenberg with these satellites."""
    makers: dict[str, Callable[[], Any]] = {"vad": ScriptedVad, "wake": ScriptedWake}

    async def load(role: str, config: Config) -> Any:
        assert config
        return makers[role]()

    monkeypatch.setattr(over_wyoming, "load_listener", load)

    @asynccontextmanager
    async def connect(
        *devices: ScriptedSatellite,
        house: _House | None = None,
        timing: Timing = SOON,
        settings: tuple[str, ...] = (),
    ) -> AsyncIterator[Satellites]:
        addresses = [device.address for device in devices]
        config = await asyncio.to_thread(
            Config.load, None, [f"wyoming.satellites={addresses}", "turn.look_s=0", *settings]
        )
        satellites = await open_satellites(config, (house or _House()).engines(), timing)
        try:
            for device in devices:
                await device.until("run-satellite")
            yield satellites
        finally:
            await satellites.aclose()

    return connect


async def test_a_satellite_that_hears_the_wake_word_itself_is_answered(connected: _Connect) -> None:
    house = _House()
    async with satellite(wakes=True) as kitchen, connected(kitchen, house=house):
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop")
    assert kitchen.kinds()[:6] == [
        "run-satellite",
        "transcribe",
        "voice-started",
        "voice-stopped",
        "transcript",
        "synthesize",
    ]
    assert kitchen.texts("transcript") == ["What is the capital of France?"]
    assert kitchen.texts("synthesize") == ["It is Paris."]
    assert len(kitchen.played()) == pytest.approx(3 * WORD_S * 16_000)
    assert len(house.stt.heard[-1]) / 16_000 == pytest.approx(1.2, abs=0.3)


async def test_a_satellite_that_always_streams_is_listened_to_for_the_wake_word(
    connected: _Connect,
) -> None:
    house = _House()
    async with satellite() as kitchen, connected(kitchen, house=house):
        await kitchen.until("detect")
        await kitchen.hear(QUESTION)
        await kitchen.hear(CALLED_QUESTION)
        await kitchen.until("audio-stop")
        await kitchen.until("detect", 2)
    assert kitchen.texts("transcript") == ["What is the capital of France?"]
    assert kitchen.kinds()[:4] == ["run-satellite", "detect", "detection", "transcribe"]
    assert len(kitchen.played()) == pytest.approx(3 * WORD_S * 16_000)


async def test_each_has_a_conversation_of_its_own_that_outlives_the_connection(
    connected: _Connect,
) -> None:
    house = _House(ScriptedLanguageModel([("One.",), ("Two.",), ("Three.",)]))
    async with (
        satellite(wakes=True) as kitchen,
        satellite(wakes=True) as attic,
        connected(kitchen, attic, house=house),
    ):
        for device in (kitchen, attic):
            await device.call()
            await device.hear(QUESTION)
            await device.until("audio-stop")
        kitchen.leave()
        await kitchen.until("run-satellite", 2)
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop", 2)
    asked = [one for one in house.llm.requests if one.prompt.startswith("What")]
    assert [len(one.history) for one in asked] == [0, 0, 1]
    assert asked[-1].history[0][1] == "One."


class _ByLevel(ScriptedStt):
    """Hears the lamp's name in how loud it is asked for."""

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        assert not aside or quick
        level = int(np.median(utterance[np.abs(utterance) > 100]))
        return Transcript(f"Switch on the {level} lamp.", "en")


class _Lamps(ScriptedSkill):
    """Says which lamp is on."""

    def __init__(self) -> None:
        super().__init__()
        self.actions = (Action("on", self._on, LAMP),)

    async def _on(self, call: Call, lamp: str) -> str:
        return f"{call.language} {lamp}"


def _asked(level: int) -> Pcm:
    return join(silence(0.2), np.full(16_000, level, np.int16), silence(1.5))


async def test_all_are_answered_at_once_and_none_hears_another_s_answer(
    connected: _Connect,
) -> None:
    house = _House(stt=_ByLevel(), skills=await repertoire(_Lamps()))
    async with (
        satellite(wakes=True) as kitchen,
        satellite(wakes=True) as attic,
        satellite(wakes=True) as bath,
        connected(kitchen, attic, bath, house=house),
    ):
        rooms = {kitchen: 3000, attic: 4000, bath: 5000}
        for device in rooms:
            await device.call()
        await asyncio.gather(*(one.hear(_asked(level)) for one, level in rooms.items()))
        for device, level in rooms.items():
            await device.until("audio-stop")
            assert device.texts("transcript") == [f"Switch on the {level} lamp."]
            assert device.texts("synthesize") == [f"En {level}"]
            assert len(device.played()) == 2 * WORD_S * 16_000


async def test_satellites_wait_for_a_voice_and_go_before_programs(connected: _Connect) -> None:
    ranks: list[Rank | None] = []

    class Noting(ScriptedLanguageModel):
        def generate(self, prompt: str, **options: Any) -> Any:
            ranks.append(options.get("rank"))
            return super().generate(prompt, **options)

    house = _House(Noting([("Yes.",)]))
    async with satellite(wakes=True) as kitchen, connected(kitchen, house=house):
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop")
    assert Rank.SATELLITE in ranks
    assert Rank.VOICE not in ranks


async def test_who_says_nothing_is_let_go(connected: _Connect) -> None:
    async with (
        satellite(wakes=True) as kitchen,
        connected(kitchen, settings=("turn.wait_for_speech_s=1",)),
    ):
        await kitchen.call()
        await kitchen.hear(silence(2.0))
        error = await kitchen.until("error")
    assert error.data["code"] == "stt-no-text-recognized"


async def test_a_satellite_may_say_that_the_user_has_finished(connected: _Connect) -> None:
    async with satellite(wakes=True) as kitchen, connected(kitchen):
        await kitchen.call()
        await kitchen.hear(voice(0.8))
        await kitchen.say(AudioStop())
        await kitchen.until("audio-stop")
    assert kitchen.texts("transcript") == ["What is the capital of France?"]


async def test_what_does_not_end_a_turn_is_no_error_to_a_satellite(connected: _Connect) -> None:
    settings = ("turn.max_utterance_s=1",)
    async with satellite(wakes=True) as kitchen, connected(kitchen, settings=settings):
        await kitchen.call()
        await kitchen.hear(voice(3.0))
        await kitchen.until("audio-stop")
    assert kitchen.texts("error") == []


async def test_calling_again_stops_the_reply(connected: _Connect) -> None:
    house = _House(ScriptedLanguageModel([("word " * 40 + ".",), ("Yes.",)]))
    house.tts = ScriptedTts(word_s=0.5)
    async with satellite(wakes=True) as kitchen, connected(kitchen, house=house):
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-chunk")
        await kitchen.call()
        await kitchen.until("audio-stop")
        assert len(kitchen.played()) / 16_000 < 5.0
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop", 2)
    assert kitchen.texts("synthesize")[-1] == "Yes."


async def test_the_wake_word_stops_the_reply_of_one_that_streams(connected: _Connect) -> None:
    house = _House(ScriptedLanguageModel([("word " * 40 + ".",), ("Yes.",)]))
    house.tts = ScriptedTts(word_s=0.5)
    async with satellite() as kitchen, connected(kitchen, house=house):
        await kitchen.hear(CALLED_QUESTION)
        await kitchen.until("audio-chunk")
        await kitchen.hear(CALLED_QUESTION)
        await kitchen.until("audio-stop", 2)
    assert len(kitchen.played()) / 16_000 < 5.0
    assert kitchen.texts("synthesize")[-1] == "Yes."


async def test_a_satellite_that_comes_later_is_found(connected: _Connect) -> None:
    device = ScriptedSatellite(wakes=True)
    await device.open()
    await device.close()
    async with connected_later(connected, device):
        await device.open()
        await device.until("run-satellite")
        await device.call()
        await device.hear(QUESTION)
        await device.until("audio-stop")
    await device.close()


@asynccontextmanager
async def connected_later(connected: _Connect, device: ScriptedSatellite) -> AsyncIterator[None]:
    """Heisenberg with a satellite that is not there yet."""
    told = [Event("run-satellite")]
    device.told = told
    async with connected(device):
        device.told = []
        yield


@pytest.mark.parametrize(
    "sent",
    [
        b"rubbish\n",
        b'{"type": "run-pipeline"}\n',
        b'{"type": "run-pipeline", "data": {"start_stage": "lunch", "end_stage": "tts"}}\n',
        b'{"type": "run-pipeline", "data": {"start_stage": "handle", "end_stage": "tts"}}\n',
        b'{"type": "audio-chunk", "data": {"rate": 1, "width": 2, "channels": 1}}\n',
        b'{"type": "audio-chunk", "payload_length": 99999999}\n',
    ],
)
async def test_a_satellite_that_makes_no_sense_is_told_so_and_tried_again(
    connected: _Connect, sent: bytes
) -> None:
    async with satellite(wakes=True) as kitchen, connected(kitchen):
        await kitchen.raw(sent)
        assert (await kitchen.until("error")).data["code"] == "input"
        await kitchen.until("run-satellite", 2)
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop")


async def test_a_flood_ends_the_connection(connected: _Connect) -> None:
    async with satellite() as kitchen, connected(kitchen):
        with suppress(OSError):
            await kitchen.hear(silence(40.0))
        assert "faster than a microphone" in (await kitchen.until("error")).data["text"]
        await kitchen.until("run-satellite", 2)


async def test_a_satellite_that_hangs_is_given_up_and_tried_again(connected: _Connect) -> None:
    timing = Timing(ping_s=0.01, silent_s=0.05, first_wait_s=0.01, longest_wait_s=0.02)
    async with satellite(wakes=True, answers=False) as kitchen, connected(kitchen, timing=timing):
        await kitchen.until("run-satellite", 3)
    assert kitchen.connections >= 3


async def test_where_no_wake_word_is_wanted_a_streaming_satellite_is_told(
    connected: _Connect,
) -> None:
    async with satellite() as kitchen, connected(kitchen, settings=("wake.enabled=false",)):
        error = await kitchen.until("error")
    assert "wake.enabled" in error.data["text"]


async def test_without_a_speaker_nothing_is_sent_to_it(connected: _Connect) -> None:
    house = _House()
    async with satellite(wakes=True, plays=False) as kitchen, connected(kitchen, house=house):
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("synthesize")
        await kitchen.call()
        await kitchen.until("transcribe", 2)
    assert not [one for one in kitchen.told if one.type.startswith("audio")]


async def test_a_text_is_announced(connected: _Connect) -> None:
    async with satellite(wakes=True) as kitchen, connected(kitchen):
        stage = PipelineStage.TTS
        await kitchen.say(RunPipeline(stage, stage, announce_text="Dinner is ready."))
        await kitchen.until("audio-stop")
    assert kitchen.texts("synthesize") == ["Dinner is ready."]


async def test_a_failing_model_is_apologised_for(connected: _Connect) -> None:
    house = _House(ScriptedLanguageModel(error=EngineError("The model is broken.", "Mend it.")))
    async with satellite(wakes=True) as kitchen, connected(kitchen, house=house):
        await kitchen.call()
        await kitchen.hear(QUESTION)
        await kitchen.until("audio-stop")
    assert kitchen.texts("error") == ["The model is broken. Mend it."]
    assert len(kitchen.played()) == WORD_S * 16_000


async def test_what_rings_rings_in_every_room_until_it_is_stopped_in_one(
    connected: _Connect,
) -> None:
    async with (
        satellite(wakes=True) as kitchen,
        satellite() as attic,
        connected(kitchen, attic) as satellites,
    ):
        bell = HouseBell(lambda: satellites.bells(ringing()))
        task = asyncio.create_task(bell.ring("The tea is ready."))
        for device in (kitchen, attic):
            await device.until("audio-chunk")
        await kitchen.call()
        await task
    assert attic.texts("synthesize") == ["The tea is ready."]


async def test_what_rings_where_a_satellite_leaves_goes_on_elsewhere(connected: _Connect) -> None:
    async with satellite(wakes=True) as kitchen, connected(kitchen) as satellites:
        bell = HouseBell(lambda: satellites.bells(ringing()))
        task = asyncio.create_task(bell.ring("The tea is ready."))
        await kitchen.until("audio-chunk")
        kitchen.leave()
        with pytest.raises(ServiceError, match="left while it rang"):
            await task


async def test_at_the_end_satellites_are_told_to_rest(connected: _Connect) -> None:
    async with satellite() as kitchen:
        async with connected(kitchen):
            await kitchen.until("detect")
        await kitchen.until("pause-satellite")
