"""Replies prepared in pauses: nothing of them is seen or heard before the turn is over."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.events import Event
from heisenberg.core.state import State
from heisenberg.stt.base import Transcript
from tests.fakes.llm import AskedOf, ScriptedLanguageModel
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.wake import wake_sound
from tests.integration.scene import CONFIG, ERROR, QUESTION, REPLY, WORD_S, WORDS, playing, voice

PATIENT = CONFIG.model_copy(update={"pause_s": 0.6})
"""The draft is ready long before the turn is over."""
ONCE = CONFIG.model_copy(update={"draft": False})
TWO_PARTS = join(silence(0.5), wake_sound(), voice(1.0), silence(0.4), voice(1.0), silence(0.5))


class FailsOnceStt(ScriptedStt):
    failures = 0

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        if not aside and not self.failures:
            self.failures += 1
            raise ERROR
        return await super().transcribe(utterance, aside=aside, quick=quick)


async def test_the_reply_is_there_when_the_turn_is_over() -> None:
    async with playing(QUESTION, config=PATIENT) as scene:
        await scene.until(Event.PLAYBACK_END)
    (end,), (start,) = scene.all_of(Event.SPEECH_END), scene.all_of(Event.PLAYBACK_START)
    assert end["t"] == pytest.approx(2.0 + PATIENT.pause_s, abs=0.1)
    assert start["t"] - end["t"] < 0.03
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)
    assert scene.history.pairs() == [("What is the capital of France?", "".join(REPLY))]


async def test_a_late_reply_begins_when_it_is_there_and_not_with_the_next_frame() -> None:
    gate = asyncio.Event()
    async with playing(QUESTION, tts=ScriptedTts(gate=gate)) as scene:
        await scene.until_time(2.0 + CONFIG.pause_s + 0.1)
        assert not scene.all_of(Event.SPEECH_END)
        scene.card.starved = lambda: True  # no frame comes any more
        await asyncio.sleep(0)
        heard_s = scene.card.now_s()
        gate.set()
        await scene.until(Event.SPEECH_END)
        assert scene.card.now_s() == heard_s
        scene.card.starved = lambda: scene.room.state is State.THINKING
        scene.card.notify()
        await scene.until(Event.PLAYBACK_END)
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)


async def test_what_happened_in_a_draft_is_told_with_its_own_times_once_it_counts() -> None:
    async with playing(QUESTION, config=PATIENT) as scene:
        await scene.until(Event.SPEECH_END)
        names = [record.event for record in scene.events]
        before = names[: names.index(Event.SPEECH_END)]
        assert Event.DRAFT in before
        assert not {Event.TRANSCRIPT, Event.LLM_TOKEN, Event.FIRST_CLAUSE} & set(before)
        await scene.until(Event.PLAYBACK_END)
    (end,), (heard,) = scene.all_of(Event.SPEECH_END), scene.all_of(Event.TRANSCRIPT)
    assert 2.0 < heard["t"] < end["t"] - 0.2


async def test_with_drafts_off_nothing_is_begun_before_the_end() -> None:
    off = PATIENT.model_copy(update={"draft": False})
    async with playing(QUESTION, config=off) as scene:
        await scene.until(Event.SPEECH_END)
        assert not scene.stt.heard
        await scene.until(Event.PLAYBACK_END)
    assert not scene.all_of(Event.DRAFT)


async def test_who_goes_on_gets_one_answer_to_all_of_it() -> None:
    stt = ScriptedStt(("What is the", "What is the capital of France?"))
    detector = ScriptedTurnDetector((0.1, 0.95))
    async with playing(TWO_PARTS, stt=stt, turn_detector=detector) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert [event["revision"] for event in scene.all_of(Event.DRAFT)] == [1, 2]
    assert [event["text"] for event in scene.all_of(Event.TRANSCRIPT)] == [
        "What is the capital of France?"
    ]
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)
    assert [user for user, _ in scene.history.pairs()] == ["What is the capital of France?"]


async def test_words_that_want_more_are_waited_for_however_they_sounded() -> None:
    stt = ScriptedStt(("What is the capital of", "What is the capital of France?"))
    recording = join(silence(0.5), wake_sound(), voice(1.0), silence(0.9), voice(1.0), silence(0.5))
    async with playing(recording, stt=stt) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert [event["text"] for event in scene.all_of(Event.TRANSCRIPT)] == [
        "What is the capital of France?"
    ]
    assert len(scene.all_of(Event.SPEECH_END)) == 1


@pytest.mark.parametrize("words", ["Stop.", "Never mind."])
async def test_nothing_more_is_waited_for_after_a_closing(words: str) -> None:
    detector = ScriptedTurnDetector((0.3,))
    async with playing(QUESTION, stt=ScriptedStt((words,)), turn_detector=detector) as scene:
        await scene.until(Event.SPEECH_END)
    (end,) = scene.all_of(Event.SPEECH_END)
    assert end["t"] == pytest.approx(2.0 + CONFIG.pause_s, abs=0.1)


async def test_a_draft_that_is_still_being_written_when_the_user_goes_on_is_ended() -> None:
    never = asyncio.Event()
    llm = ScriptedLanguageModel([REPLY], gates={1: never})
    detector = ScriptedTurnDetector((0.1, 0.95))
    async with playing(TWO_PARTS, llm=llm, turn_detector=detector) as scene:
        await scene.until(Event.DRAFT, 2)
        await scene.while_running(lambda: len(llm.requests) < 2)
        await scene.room.cancel()
        await scene.until_state(State.IDLE)
    assert len(llm.requests) == 2
    assert scene.sounding_s() == 0.0
    assert not scene.history.pairs()


async def test_a_draft_that_fails_is_an_error_only_once_the_turn_is_over() -> None:
    llm = ScriptedLanguageModel(error=ERROR)
    async with playing(QUESTION, config=PATIENT, llm=llm) as scene:
        await scene.until(Event.SPEECH_END)
        assert not scene.all_of(Event.ERROR)
        await scene.until_state(State.IDLE)
    (error,) = scene.all_of(Event.ERROR)
    assert error["t"] >= scene.all_of(Event.SPEECH_END)[0]["t"]
    assert scene.tts.spoken == ["Sorry."]


async def test_a_failure_in_a_draft_that_was_dropped_is_nobodys_business() -> None:
    stt = FailsOnceStt()
    detector = ScriptedTurnDetector((0.1, 0.95))
    async with playing(TWO_PARTS, stt=stt, turn_detector=detector) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert stt.failures == 1
    assert not scene.all_of(Event.ERROR)
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)


async def test_the_key_let_go_in_a_pause_takes_what_is_prepared() -> None:
    async with playing(join(silence(0.5), voice(1.0), silence(0.5))) as scene:
        await scene.room.press()
        await scene.until(Event.DRAFT)
        await scene.while_running(lambda: not scene.tts.made)
        await scene.room.release()
        await scene.until(Event.PLAYBACK_END)
    assert len(scene.stt.heard) == 1
    assert len(scene.llm.requests) == 1


@pytest.mark.parametrize("interrupt", ["cancel", "press", "mute"])
async def test_a_draft_ends_with_what_it_was_for(interrupt: str) -> None:
    gate = asyncio.Event()
    async with playing(QUESTION, config=PATIENT, tts=ScriptedTts(gate=gate)) as scene:
        await scene.until(Event.DRAFT)
        await scene.while_running(lambda: not scene.tts.made)
        await getattr(scene.room, interrupt)()
        gate.set()
        await scene.until_time(4.5)
        assert scene.sounding_s() == 0.0
    assert not scene.all_of(Event.PLAYBACK_START)
    assert not scene.history.pairs()
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not {"turn", "turn-gate", "turn-write", "turn-speak"} & names


async def test_after_a_turn_the_next_prompt_is_evaluated_ahead() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    history = (("What is the capital of France?", "".join(REPLY)),)
    assert scene.llm.warmed == [AskedOf("", history, None)]


async def test_who_goes_on_before_the_reply_sounds_is_answered_once_to_all_of_it() -> None:
    never = asyncio.Event()
    llm = ScriptedLanguageModel([REPLY, ("It is Paris.",)], gates={0: never})
    stt = ScriptedStt(("What is the capital", "What is the capital of France?"))
    recording = join(QUESTION, silence(1.0), voice(1.0), silence(0.5))
    async with playing(recording, llm=llm, stt=stt) as scene:
        scene.card.starved = lambda: scene.room.state is State.SPEAKING
        await scene.until(Event.SPEECH_START, 2)
        never.set()
        await scene.until(Event.PLAYBACK_END)
    assert "barge_in>LISTENING" in scene.moves()
    assert len(scene.stt.heard[-1]) > 3.0 * RATE_HZ, "both parts, and the pause between them"
    assert scene.history.pairs() == [("What is the capital of France?", "It is Paris.")]


async def test_who_goes_on_just_after_it_sounds_is_answered_to_all_of_it() -> None:
    stt = ScriptedStt(("What is the capital", "of France in Europe", "What is the capital of F"))
    recording = join(QUESTION, voice(1.2), silence(0.5))
    async with playing(recording, stt=stt, config=ONCE) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    assert scene.all_of(Event.PLAYBACK_END)[0]["interrupted"]
    assert [user for user, _ in scene.history.pairs()] == ["What is the capital of F"]


async def test_one_more_word_just_after_it_sounds_belongs_to_the_question() -> None:
    question = "What is the capital of Spain?"
    stt = ScriptedStt(("What is the capital", "Spain", question))
    recording = join(QUESTION, voice(0.6), silence(0.5))
    async with playing(recording, stt=stt, config=ONCE) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    assert [user for user, _ in scene.history.pairs()] == [question]


async def test_stop_just_after_it_sounds_is_no_part_of_the_question() -> None:
    stt = ScriptedStt(("What is the capital", "stop"))
    recording = join(QUESTION, voice(0.6), silence(0.5))
    async with playing(recording, stt=stt, config=ONCE) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert len(scene.llm.requests) == 1
    assert [user for user, _ in scene.history.pairs()] == ["What is the capital"]


LOOKING = CONFIG.model_copy(update={"look_s": 0.4})


async def test_what_is_being_asked_is_evaluated_before_it_is_asked_to_its_end() -> None:
    async with playing(QUESTION, config=LOOKING) as scene:
        await scene.until(Event.PLAYBACK_END)
    *before, last = scene.all_of(Event.TRANSCRIPT)
    assert [event["final"] for event in before] == [False] * len(before)
    assert {event["text"] for event in before} == {"What is the"}
    assert before[0]["t"] < 1.8
    assert last["final"]
    assert AskedOf("What is", (), None) in scene.llm.warmed
    assert len(scene.llm.requests) == 1
    assert [user for user, _ in scene.history.pairs()] == ["What is the capital of France?"]


async def test_a_look_that_fails_or_takes_long_costs_the_turn_nothing() -> None:
    async with playing(QUESTION, config=LOOKING, stt=_BlindStt()) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert not scene.all_of(Event.ERROR)
    assert [user for user, _ in scene.history.pairs()] == ["What is the capital of France?"]
    assert "foresight" not in {task.get_name() for task in asyncio.all_tasks()}


class _BlindStt(ScriptedStt):
    """What still goes on it makes out once in vain, and then never."""

    failed = False

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        if aside and not self.failed:
            self.failed = True
            raise ERROR
        if aside:
            await asyncio.Event().wait()
        return await super().transcribe(utterance, quick=quick)
