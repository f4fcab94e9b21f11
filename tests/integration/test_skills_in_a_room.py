"""Skills asked for aloud."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.events import Event
from heisenberg.core.state import State
from tests.fakes.skills import ScriptedSkill, repertoire
from tests.fakes.stt import ScriptedStt
from tests.fakes.turn import ScriptedTurnDetector
from tests.integration.scene import CONFIG, QUESTION, WORD_S, playing
from tests.integration.test_drafts import TWO_PARTS

LAMP = "Switch on the kitchen lamp."
PATIENT = CONFIG.model_copy(update={"pause_s": 0.6})


async def test_a_skill_answers_without_the_model() -> None:
    skill = ScriptedSkill("The lamp is on.")
    async with playing(QUESTION, stt=ScriptedStt((LAMP,)), skills=await repertoire(skill)) as scene:
        await scene.until_state(State.SPEAKING)
        await scene.until_state(State.IDLE)
    assert skill.done == ["kitchen"]
    assert not scene.llm.requests
    (told,) = scene.all_of(Event.SKILL)
    assert (told["name"], told["action"], told["text"]) == ("lamps", "on", "The lamp is on.")
    assert scene.sounding_s() == pytest.approx(4 * WORD_S, rel=0.01)
    assert scene.history.pairs() == [(LAMP, "The lamp is on.")]


async def test_what_changes_something_waits_until_the_user_has_finished() -> None:
    skill = ScriptedSkill("The lamp is on.")
    stt = ScriptedStt((LAMP,))
    async with playing(QUESTION, config=PATIENT, stt=stt, skills=await repertoire(skill)) as scene:
        await scene.until(Event.DRAFT)
        await scene.while_running(lambda: not stt.heard)
        await scene.until_time(2.0 + PATIENT.pause_s - 0.1)
        assert not skill.asked
        await scene.until(Event.PLAYBACK_END)
    assert skill.done == ["kitchen"]


async def test_what_changes_nothing_is_ready_when_the_user_has_finished() -> None:
    skill = ScriptedSkill("The lamp is on.", pure=True)
    stt = ScriptedStt((LAMP,))
    async with playing(QUESTION, config=PATIENT, stt=stt, skills=await repertoire(skill)) as scene:
        await scene.while_running(lambda: not skill.done)
        assert not scene.all_of(Event.SPEECH_END)
        assert not scene.all_of(Event.SKILL)
        await scene.until(Event.PLAYBACK_END)
    (end,), (start,) = scene.all_of(Event.SPEECH_END), scene.all_of(Event.PLAYBACK_START)
    assert start["t"] - end["t"] < 0.03


async def test_what_will_be_said_sounds_at_once_when_it_is_done() -> None:
    skill = ScriptedSkill("The lamp is on. It is late.", foretells="the lamp is on.")
    stt = ScriptedStt((LAMP,))
    async with playing(QUESTION, config=PATIENT, stt=stt, skills=await repertoire(skill)) as scene:
        await scene.while_running(lambda: not scene.tts.spoken)
        assert not scene.all_of(Event.SPEECH_END)
        assert not skill.asked
        await scene.until(Event.PLAYBACK_END)
    assert skill.done == ["kitchen"]
    assert scene.tts.spoken == ["The lamp is on.", "It is late."]
    (end,), (start,) = scene.all_of(Event.SPEECH_END), scene.all_of(Event.PLAYBACK_START)
    assert start["t"] - end["t"] < 0.03


async def test_what_came_otherwise_is_said_as_it_came() -> None:
    skill = ScriptedSkill("The bulb is broken.", foretells="The lamp is on.")
    stt = ScriptedStt((LAMP,))
    async with playing(QUESTION, config=PATIENT, stt=stt, skills=await repertoire(skill)) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert scene.tts.spoken == ["The lamp is on.", "The bulb is broken."]
    assert scene.sounding_s() == pytest.approx(4 * WORD_S, rel=0.01)
    assert scene.history.pairs() == [(LAMP, "The bulb is broken.")]


async def test_who_goes_on_has_not_asked_for_it_yet() -> None:
    skill = ScriptedSkill()
    stt = ScriptedStt((LAMP, "Switch on the kitchen lamp tomorrow night."))
    detector = ScriptedTurnDetector((0.1, 0.95))
    can = await repertoire(skill)
    async with playing(TWO_PARTS, stt=stt, turn_detector=detector, skills=can) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert not skill.asked
    assert len(scene.llm.requests) == 1


async def test_one_that_fails_is_owned_up_to_and_the_room_goes_on() -> None:
    skill = ScriptedSkill(RuntimeError("boom"))
    async with playing(QUESTION, stt=ScriptedStt((LAMP,)), skills=await repertoire(skill)) as scene:
        await scene.until_state(State.SPEAKING)
        await scene.until_state(State.IDLE)
    assert scene.tts.spoken[0].startswith("That did not work")
    assert not scene.all_of(Event.ERROR)


async def test_a_skill_that_is_still_at_work_ends_with_the_turn() -> None:
    skill = ScriptedSkill(gate=asyncio.Event())
    async with playing(QUESTION, stt=ScriptedStt((LAMP,)), skills=await repertoire(skill)) as scene:
        await scene.while_running(lambda: not skill.asked)
        await scene.room.cancel()
        await scene.until_state(State.IDLE)
    assert not skill.done
    assert not scene.history.pairs()
