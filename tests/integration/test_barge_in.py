"""Speaking while the assistant speaks: what stops it, what does not, what becomes of the words."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.events import Event
from heisenberg.core.state import State
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.speech import join, scaled, silence
from tests.fakes.stt import ScriptedStt
from tests.integration.scene import (
    CONFIG,
    QUESTION,
    REPLY,
    WORD_S,
    WORDS,
    Scene,
    playing,
    voice,
)

ASKED = "What is the capital of France?"
PAUSE_S = 0.28
REPLY_S = WORDS * WORD_S + PAUSE_S
"""Its words, and the pause between its sentences."""
REPLY_ENDS_S = 2.24 + REPLY_S
BEGINS_S = 2.7
"""When somebody speaks again in ``OVER`` and ``SHORT``: half a second into the reply."""
OVER = join(QUESTION, silence(BEGINS_S - 2.5), voice(1.0), silence(1.0))
SHORT = join(QUESTION, silence(BEGINS_S - 2.5), voice(0.3), silence(3.0))


def loudness(scene: Scene, from_s: float, to_s: float) -> float:
    part = scene.card.speaker()[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)]
    return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))


def full_loudness(scene: Scene) -> float:
    return loudness(scene, BEGINS_S - 0.2, BEGINS_S)


async def test_words_make_it_quieter_at_once_then_silent_and_are_answered() -> None:
    stt = ScriptedStt((ASKED, "And what", "And what about Rome?"))
    llm = ScriptedLanguageModel([REPLY, ("Rome is in Italy.",)])
    async with playing(OVER, stt=stt, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    ducked, *_ = scene.all_of(Event.DUCK)
    (confirmed,) = scene.all_of(Event.BARGE_IN)
    assert ducked["t"] == pytest.approx(BEGINS_S, abs=0.1)
    assert confirmed["t"] == pytest.approx(BEGINS_S + 0.3, abs=0.1)
    assert (confirmed["confirmed"], confirmed["by"]) == (True, "speech")
    quiet = loudness(scene, ducked["t"] + 0.02, confirmed["t"] - 0.01)
    assert 0 < quiet < 0.25 * full_loudness(scene), "at least 12 dB"
    assert loudness(scene, confirmed["t"] + 0.02, confirmed["t"] + 0.5) == 0.0
    assert "barge_in>LISTENING" in scene.moves()
    assert llm.requests[1].prompt == "And what about Rome?"
    utterance = stt.heard[-1]
    assert np.count_nonzero(utterance) / RATE_HZ == pytest.approx(1.0, abs=0.05), "from its start"


async def test_history_keeps_what_was_heard_of_an_interrupted_reply() -> None:
    stt = ScriptedStt((ASKED, "And what", "And what about Rome?"))
    llm = ScriptedLanguageModel([REPLY, ("Rome is in Italy.",)])
    async with playing(OVER, stt=stt, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    first, second = scene.all_of(Event.PLAYBACK_END)
    assert (first["interrupted"], second["interrupted"]) == (True, False)
    ((_, heard),) = llm.requests[1].history
    assert "".join(REPLY).startswith(heard)
    words_s = first["heard_s"] - PAUSE_S
    assert len(heard.split()) == pytest.approx(words_s / WORD_S, abs=1)


@pytest.mark.parametrize("heard", ["Mhm.", "Oh yeah, mhm.", "", "Banana.", "I have."])
async def test_what_is_no_wish_to_speak_lets_the_reply_come_back_up(heard: str) -> None:
    async with playing(SHORT, stt=ScriptedStt((ASKED, heard))) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert [duck["gain"] < 1.0 for duck in scene.all_of(Event.DUCK)] == [True, False]
    assert not scene.all_of(Event.BARGE_IN)[0]["confirmed"]
    (end,) = scene.all_of(Event.PLAYBACK_END)
    assert not end["interrupted"]
    assert end["heard_s"] == pytest.approx(REPLY_S, abs=0.02)
    back_s = scene.all_of(Event.DUCK)[1]["t"]
    assert loudness(scene, back_s + 0.05, back_s + 0.15) == pytest.approx(
        full_loudness(scene), rel=0.05
    )
    assert len(scene.llm.requests) == 1


async def test_one_word_that_people_interrupt_with_is_enough() -> None:
    async with playing(SHORT, stt=ScriptedStt((ASKED, "Wait!"))) as scene:
        await scene.until(Event.BARGE_IN)
    assert scene.all_of(Event.BARGE_IN)[0]["confirmed"]


async def test_stop_alone_stops() -> None:
    async with playing(SHORT, stt=ScriptedStt((ASKED, "Stop."))) as scene:
        await scene.until(Event.BARGE_IN)
        await scene.until_state(State.IDLE)
    assert scene.all_of(Event.BARGE_IN)[0]["confirmed"]
    assert len(scene.llm.requests) == 1
    (end,) = scene.all_of(Event.PLAYBACK_END)
    assert end["interrupted"]
    assert end["heard_s"] == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize(
    ("mode", "words", "stops"),
    [
        ("off", "Stop.", False),
        ("wake_word", "Stop.", False),
        ("stop_word", "And what about Rome?", False),
        ("stop_word", "Stop.", True),
        ("speech", "And what about Rome?", True),
    ],
)
async def test_what_may_interrupt_can_be_chosen(mode: str, words: str, stops: bool) -> None:
    config = CONFIG.model_copy(update={"barge_in": mode})
    async with playing(OVER, stt=ScriptedStt((ASKED, words)), config=config) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.PLAYBACK_END)[0]["interrupted"] is stops


async def test_a_voice_from_the_next_room_is_left_alone() -> None:
    recording = join(QUESTION, silence(0.2), scaled(voice(1.0), -15), silence(1.0))
    async with playing(recording, stt=ScriptedStt((ASKED, "And what"))) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert not scene.all_of(Event.DUCK)


async def test_sound_that_goes_on_and_on_without_words_ducks_it_only_once() -> None:
    recording = join(QUESTION, silence(0.2), voice(8.0))
    reply = ("one two three four five six seven eight nine ten " * 6,)
    stt = ScriptedStt((ASKED, ""))
    async with playing(recording, stt=stt, llm=ScriptedLanguageModel([reply])) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert [duck["gain"] < 1.0 for duck in scene.all_of(Event.DUCK)] == [True, False]


async def test_who_begins_just_before_the_reply_ends_is_heard_from_the_first_word() -> None:
    recording = join(QUESTION, silence(REPLY_ENDS_S - 2.5 - 0.2), voice(1.0), silence(2.0))
    stt = ScriptedStt((ASKED, "And what about Rome?"))
    llm = ScriptedLanguageModel([REPLY, ("Rome is in Italy.",)])
    async with playing(recording, stt=stt, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    assert llm.requests[1].prompt == "And what about Rome?"
    assert np.count_nonzero(stt.heard[-1]) / RATE_HZ == pytest.approx(1.0, abs=0.05)
    assert not scene.all_of(Event.PLAYBACK_END)[0]["interrupted"]


async def test_agreeing_as_the_reply_ends_is_no_question() -> None:
    recording = join(QUESTION, silence(REPLY_ENDS_S - 2.5 - 0.2), voice(0.4), silence(3.0))
    async with playing(recording, stt=ScriptedStt((ASKED, "Mhm."))) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert len(scene.llm.requests) == 1
    assert scene.moves()[-1] == "nothing_to_say>IDLE"


async def test_after_an_interruption_the_next_reply_is_as_loud_as_ever() -> None:
    stt = ScriptedStt((ASKED, "And what", "And what about Rome?"))
    llm = ScriptedLanguageModel([REPLY, ("Rome is in Italy.",)])
    async with playing(OVER, stt=stt, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    start_s = scene.all_of(Event.PLAYBACK_START)[1]["t"]
    assert loudness(scene, start_s + 0.1, start_s + 0.2) == pytest.approx(
        full_loudness(scene), rel=0.05
    )
