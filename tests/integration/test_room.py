"""Whole turns on audio time, with scripted engines: order, sound, state, and nothing left over."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.chime import chime
from heisenberg.audio.simulated import Echo
from heisenberg.core.errors import TurnError
from heisenberg.core.events import Event
from heisenberg.core.state import State
from heisenberg.llm.history import ConversationHistory
from heisenberg.wake.base import WakeWord
from heisenberg.wake.check import WakeCheck
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.wake import ScriptedWake, wake_sound
from tests.integration.scene import CONFIG, ERROR, QUESTION, REPLY, WORD_S, WORDS, playing, voice


async def test_a_question_is_answered_and_every_event_comes_in_its_order() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert scene.moves() == [
        "wake>LISTENING",
        "speech_end>THINKING",
        "first_audio>SPEAKING",
        "playback_end>LISTENING",
        "nothing_heard>IDLE",
    ]
    names = [record.event for record in scene.events]
    wanted = (
        Event.WAKE,
        Event.SPEECH_START,
        Event.SPEECH_END,
        Event.TRANSCRIPT,
        Event.FIRST_CLAUSE,
        Event.FIRST_SOUND,
        Event.PLAYBACK_START,
        Event.PLAYBACK_END,
    )
    assert [name for name in names if name in wanted] == list(wanted)
    assert scene.all_of(Event.SPEECH_END)[0]["voiced_end_s"] == pytest.approx(2.0, abs=0.05)
    assert scene.all_of(Event.SPEECH_END)[0]["t"] == pytest.approx(2.0 + 0.2, abs=0.1)
    assert scene.all_of(Event.LLM_COMPLETE)[0]["text"] == "".join(REPLY)


async def test_what_the_speaker_played_is_the_reply_and_agrees_with_the_events() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_END)
    sounding = np.flatnonzero(scene.card.speaker()) / RATE_HZ
    assert sounding[0] == pytest.approx(scene.all_of(Event.PLAYBACK_START)[0]["t"], abs=0.001)
    assert sounding[-1] == pytest.approx(scene.all_of(Event.PLAYBACK_END)[0]["t"], abs=0.011)
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)
    assert " ".join(scene.tts.spoken).split() == "".join(REPLY).split()


async def test_the_first_clause_sounds_before_the_reply_is_written() -> None:
    more = asyncio.Event()
    async with playing(QUESTION, llm=ScriptedLanguageModel([REPLY], gates={3: more})) as scene:
        await scene.until(Event.PLAYBACK_START)
        await scene.until_sounding(5.9 * WORD_S)
        assert not scene.all_of(Event.LLM_COMPLETE)
        assert scene.tts.spoken[0] == "The capital of France is Paris."
        more.set()
        await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.LLM_COMPLETE)


async def test_after_an_answer_the_user_can_go_on_without_the_wake_word() -> None:
    recording = join(QUESTION, silence(3.0), voice(1.0), silence(1.0))
    llm = ScriptedLanguageModel([REPLY, ("It is old.",)])
    stt = ScriptedStt(("What is the capital of France?", "How old is it?"))
    async with playing(recording, llm=llm, stt=stt) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
        await scene.until_state(State.IDLE)
    assert len(scene.all_of(Event.WAKE)) == 1
    assert [turn[0] for turn in scene.history.pairs()] == [
        "What is the capital of France?",
        "How old is it?",
    ]
    assert llm.requests[1].history == (("What is the capital of France?", "".join(REPLY)),)


async def test_its_own_voice_that_comes_back_does_not_interrupt_it() -> None:
    """The reply's echo arrives a quarter of a second late, and nothing takes it out."""
    stt = ScriptedStt(("What is the capital of France?", "the cabbage of France is Paris"))
    async with playing(QUESTION, stt=stt, echo=Echo(gain=0.5, delay_ms=250)) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert len(scene.llm.requests) == 1
    assert scene.sounding_s() == pytest.approx(WORDS * WORD_S, rel=0.01)
    assert not any(interruption["confirmed"] for interruption in scene.all_of(Event.BARGE_IN))


async def test_when_the_follow_up_window_has_closed_speech_is_left_alone() -> None:
    async with playing(join(QUESTION, silence(8.0), voice(1.0), silence(1.0))) as scene:
        await scene.card.input_ended.wait()
    assert scene.moves()[-1] == "nothing_heard>IDLE"
    assert len(scene.all_of(Event.TRANSCRIPT)) == 1


async def test_speech_without_the_wake_word_gets_no_reply() -> None:
    async with playing(join(silence(0.5), voice(3.0), silence(1.0))) as scene:
        await scene.card.input_ended.wait()
    assert scene.events == []
    assert scene.sounding_s() == 0.0


async def test_the_wake_word_alone_returns_to_idle_quietly() -> None:
    async with playing(join(silence(0.5), wake_sound(), silence(4.0))) as scene:
        await scene.card.input_ended.wait()
    assert scene.moves() == ["wake>LISTENING", "nothing_heard>IDLE"]
    assert scene.sounding_s() == 0.0


async def test_words_nobody_said_are_not_answered() -> None:
    async with playing(QUESTION, stt=ScriptedStt(("",))) as scene:
        await scene.card.input_ended.wait()
        await scene.until_state(State.IDLE)
    assert scene.moves()[-1] == "nothing_to_say>IDLE"
    assert scene.llm.requests == []


@pytest.mark.parametrize("words", ["Stop.", "Hey Jarvis, never mind."])
async def test_closing_words_end_the_conversation_without_a_reply(words: str) -> None:
    async with playing(QUESTION, stt=ScriptedStt((words,))) as scene:
        await scene.until(Event.TRANSCRIPT)
        await scene.until_state(State.IDLE)
    assert scene.llm.requests == []
    assert scene.sounding_s() == 0.0
    assert not scene.history.pairs()


@pytest.mark.parametrize("words", ["Forget everything.", "Please forget everything!"])
async def test_who_asks_to_forget_is_told_that_it_is_done(words: str) -> None:
    history = ConversationHistory(5)
    history.append("My name is Ada.", "Hello Ada.")
    async with playing(QUESTION, stt=ScriptedStt((words,)), history=history) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert scene.tts.spoken == ["I have forgotten it."]
    assert scene.llm.requests == []
    assert history.pairs() == []


async def test_the_wake_phrase_is_not_part_of_the_question() -> None:
    stt = ScriptedStt(("Hey Jarvis, what time is it?",))
    async with playing(QUESTION, stt=stt) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.TRANSCRIPT)[0]["text"] == "What time is it?"
    assert scene.llm.requests[0].prompt == "What time is it?"


async def test_the_wake_word_interrupts_and_history_keeps_what_was_heard() -> None:
    recording = join(QUESTION, silence(0.2), wake_sound(), voice(1.0), silence(1.0))
    llm = ScriptedLanguageModel([REPLY, ("Yes.",)])
    async with playing(recording, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
    first, second = scene.all_of(Event.PLAYBACK_END)
    assert first["interrupted"]
    assert not second["interrupted"]
    assert scene.all_of(Event.BARGE_IN)[0]["confirmed"]
    assert "barge_in>LISTENING" in scene.moves()
    interrupted_at_s = scene.all_of(Event.BARGE_IN)[0]["t"]
    after = scene.card.speaker()[round((interrupted_at_s + 0.02) * RATE_HZ) :]
    pause_s = np.flatnonzero(after)[0] / RATE_HZ
    assert pause_s > 1.0, "silent from the interruption until the next answer"
    heard = llm.requests[1].history[0][1]
    assert "".join(REPLY).startswith(heard)
    assert len(heard.split()) == pytest.approx(first["heard_s"] / WORD_S, abs=3)
    assert len(heard.split()) < WORDS


async def test_the_wake_phrase_in_a_follow_up_is_not_part_of_the_question_either() -> None:
    recording = join(QUESTION, silence(3.0), wake_sound(), voice(1.0), silence(1.0))
    stt = ScriptedStt(("What is it?", "Hey Jarvis, stop."))
    async with playing(recording, stt=stt) as scene:
        await scene.until(Event.TRANSCRIPT, 2)
        await scene.until_state(State.IDLE)
    assert scene.all_of(Event.TRANSCRIPT)[1]["text"] == "Stop."
    assert len(scene.llm.requests) == 1
    assert len(scene.all_of(Event.WAKE)) == 2


async def test_the_wake_word_works_at_the_very_moment_a_reply_ends() -> None:
    """However the end of the reply and the wake word fall together, the room listens."""
    for gap_s in np.arange(1.2, 1.6, 0.04):
        recording = join(QUESTION, silence(gap_s), wake_sound(), voice(1.0), silence(1.0))
        stt = ScriptedStt(("What is the capital of France?", "Hey Jarvis, and what about Rome?"))
        llm = ScriptedLanguageModel([REPLY, ("Yes.",)])
        async with playing(recording, llm=llm, stt=stt) as scene:
            await scene.until(Event.LLM_COMPLETE, 2)
        assert [request.prompt for request in llm.requests][1:] == ["And what about Rome?"]


async def test_the_wake_word_over_a_reply_may_be_followed_by_a_pause() -> None:
    recording = join(QUESTION, silence(0.2), wake_sound(), silence(1.2), voice(1.0), silence(1.0))
    stt = ScriptedStt(("What is it?", "Hey Jarvis", "And what about Rome?"))
    llm = ScriptedLanguageModel([REPLY, ("Yes.",)])
    async with playing(recording, llm=llm, stt=stt) as scene:
        await scene.until(Event.LLM_COMPLETE, 2)
    assert llm.requests[1].prompt == "And what about Rome?"


class _FailingWake(ScriptedWake):
    """Fails once, in the frame with the number ``fails_at``."""

    def __init__(self, fails_at: int) -> None:
        super().__init__()
        self._left = fails_at

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        self._left -= 1
        if self._left == 0:
            raise ERROR
        return await super().process(frame, at_least=at_least)


async def test_an_engine_that_fails_once_while_listening_costs_a_moment_only() -> None:
    async with playing(QUESTION, wake=_FailingWake(1)) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert len(scene.all_of(Event.ERROR)) == 1


class _FailingTurnDetector(ScriptedTurnDetector):
    async def probability(self, _utterance: Pcm) -> float:
        raise ERROR


async def test_without_the_turn_detector_the_long_pause_ends_the_turn() -> None:
    recording = join(QUESTION, silence(2.0))
    with capture_logs() as logs:
        async with playing(recording, turn_detector=_FailingTurnDetector()) as scene:
            await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.SPEECH_END)[0]["reason"] == "pause"
    assert {entry["event"] for entry in logs} == {"the turn detector failed"}


async def test_an_interrupted_apology_is_not_remembered() -> None:
    recording = join(QUESTION, wake_sound(), voice(1.0), silence(1.0))
    stt = ScriptedStt(error=ERROR)
    async with playing(recording, stt=stt, tts=ScriptedTts(word_s=2.0)) as scene:
        await scene.until(Event.BARGE_IN)
        await scene.until(Event.ERROR, 2)
    assert not scene.history.pairs()


async def test_history_is_bounded() -> None:
    recording = join(*[join(QUESTION, silence(6.0))] * 5)
    replies = ("One.", "Two.", "Three.", "Four.", "These are notes.", "Five.")
    llm = ScriptedLanguageModel([(reply,) for reply in replies])
    async with playing(recording, llm=llm, history=ConversationHistory(2)) as scene:
        await scene.until(Event.PLAYBACK_END, 5)
    assert [answer for _, answer in llm.requests[-1].history] == ["Three.", "Four."]
    assert scene.history.notes == "These are notes."
    assert scene.tts.spoken == ["One.", "Two.", "Three.", "Four.", "Five."]


async def test_a_key_starts_and_ends_a_turn() -> None:
    async with playing(join(voice(1.0), silence(1.0))) as scene:
        await scene.room.press()
        await scene.until_time(1.2)
        await scene.room.release()
        await scene.until(Event.PLAYBACK_END)
    assert scene.moves()[:3] == ["ptt_down>LISTENING", "ptt_up>THINKING", "first_audio>SPEAKING"]
    assert scene.all_of(Event.SPEECH_END)[0]["reason"] == "released"


async def test_who_speaks_while_pressing_the_key_is_heard_from_the_first_word() -> None:
    stt = ScriptedStt(("What is it?",))
    async with playing(join(silence(1.0), voice(1.0), silence(1.0)), stt=stt) as scene:
        await scene.until_time(1.25)
        await scene.room.press()
        await scene.until_time(2.3)
        await scene.room.release()
        await scene.until(Event.PLAYBACK_END)
    assert np.count_nonzero(stt.heard[0]) / RATE_HZ == pytest.approx(1.0, abs=0.05)


async def test_a_key_that_is_down_can_be_pressed_again_without_harm() -> None:
    stt = ScriptedStt(("What is it?",))
    async with playing(join(voice(1.0), silence(1.0)), stt=stt) as scene:
        await scene.room.press()
        await scene.until_time(0.8)
        await scene.room.press()
        await scene.until_time(1.2)
        await scene.room.release()
        await scene.until(Event.PLAYBACK_END)
    assert np.count_nonzero(stt.heard[0]) / RATE_HZ == pytest.approx(1.0, abs=0.05)


async def test_a_key_pressed_while_it_speaks_interrupts() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_START)
        await scene.until_sounding(0.3)
        await scene.room.press()
        sounded_s = scene.sounding_s()
        assert scene.room.state is State.LISTENING
        await scene.until_time(6.0)
        assert scene.sounding_s() == sounded_s
        await scene.room.release()
    assert scene.moves()[-1] == "nothing_heard>IDLE"


@pytest.mark.parametrize("broken", ["stt", "llm"])
async def test_a_broken_engine_costs_one_turn_and_gets_an_apology(broken: str) -> None:
    stt = ScriptedStt(error=ERROR if broken == "stt" else None)
    llm = ScriptedLanguageModel([REPLY], error=ERROR if broken == "llm" else None)
    async with playing(QUESTION, stt=stt, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    (error,) = scene.all_of(Event.ERROR)
    assert (error["code"], error["message"], error["hint"]) == (
        "engine",
        "The engine is broken.",
        "Mend it.",
    )
    assert scene.tts.spoken == ["Sorry."]
    assert scene.moves()[-2:] == ["failed>SPEAKING", "playback_end>IDLE"]
    assert not scene.history.pairs()


async def test_a_reply_that_fails_in_the_middle_ends_with_an_apology() -> None:
    gate = asyncio.Event()
    reply = ("One two three.", " Four five six.", " Seven", " eight.")
    llm = ScriptedLanguageModel([reply], gates={3: gate}, error=ERROR, error_at=3)
    async with playing(QUESTION, llm=llm) as scene:
        await scene.until(Event.PLAYBACK_START)
        gate.set()
        await scene.until(Event.ERROR)
        await scene.until_state(State.IDLE)
        await scene.until(Event.PLAYBACK_END, 2)
        await scene.until_state(State.IDLE)
    assert scene.tts.spoken[-1] == "Sorry."
    assert scene.moves()[-3:] == ["failed>IDLE", "announce>SPEAKING", "playback_end>IDLE"]
    ((question, heard),) = scene.history.pairs()
    assert question
    assert "One two three. Four five six.".startswith(heard)


async def test_a_broken_voice_returns_to_idle_and_says_so() -> None:
    async with playing(QUESTION, tts=ScriptedTts(error=ERROR)) as scene:
        await scene.until(Event.ERROR)
        await scene.until_state(State.IDLE)
    assert scene.sounding_s() == 0.0
    assert scene.moves()[-2:] == ["failed>SPEAKING", "failed>IDLE"]


def _held(stage: str, gate: asyncio.Event) -> dict[str, Any]:
    """Engines of which the one named ``stage`` waits for ``gate``."""
    return {
        "stt": ScriptedStt(gate=gate if stage == "recognition" else None),
        "llm": ScriptedLanguageModel(
            [REPLY, REPLY],
            gates={0: gate} if stage == "first token" else {3: gate} if stage == "tokens" else {},
        ),
        "tts": ScriptedTts(word_s=WORD_S, gate=gate if stage == "voice" else None),
    }


STAGES: Sequence[str] = ("recognition", "first token", "tokens", "voice", "speaking")


@pytest.mark.parametrize("stage", STAGES)
async def test_cancelled_at_any_stage_it_is_silent_at_once_and_answers_the_next_question(
    stage: str,
) -> None:
    gate = asyncio.Event()
    recording = join(QUESTION, silence(1.0), QUESTION)
    async with playing(recording, **_held(stage, gate)) as scene:
        await scene.until_state(State.THINKING)
        if stage in ("tokens", "speaking"):
            await scene.until(Event.PLAYBACK_START)
        for _ in range(20):
            await asyncio.sleep(0)
        tasks_before = {task.get_name() for task in asyncio.all_tasks()}
        await scene.room.cancel()
        sounded_s = scene.sounding_s()
        assert scene.room.state is State.IDLE
        tasks = {task.get_name() for task in asyncio.all_tasks()}
        assert "turn" in tasks_before
        assert not {name for name in tasks if name.startswith("turn")}
        gate.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert scene.sounding_s() == sounded_s
        await scene.until(Event.WAKE, 2)
        await scene.until(Event.LLM_COMPLETE, len(scene.all_of(Event.LLM_COMPLETE)) + 1)
        await scene.until_state(State.SPEAKING)


async def test_when_the_microphone_ends_in_the_middle_of_a_reply_nothing_is_left() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_START)
    assert not {task for task in asyncio.all_tasks() if task.get_name().startswith("turn")}


async def test_one_tap_begins_to_listen_and_silence_ends_it() -> None:
    async with playing(join(silence(0.5), voice(1.0), silence(1.0))) as scene:
        await scene.room.tap()
        await scene.until(Event.PLAYBACK_END)
    assert scene.moves()[:2] == ["ptt_down>LISTENING", "speech_end>THINKING"]


async def test_a_key_is_pressed_now_however_long_it_was_quiet() -> None:
    async with playing(join(silence(20.0), voice(1.0), silence(1.0))) as scene:
        await scene.until_time(19.5)
        await scene.room.tap()
        await scene.until(Event.TRANSCRIPT)
    assert not [move for move in scene.moves() if move.startswith("nothing_heard")]


async def test_a_second_tap_ends_the_utterance() -> None:
    async with playing(join(silence(0.2), voice(3.0))) as scene:
        await scene.room.tap()
        await scene.until_time(1.5)
        await scene.room.tap()
        await scene.until_state(State.THINKING)
    assert scene.all_of(Event.SPEECH_END)[0]["reason"] == "released"


async def test_a_stuck_key_ends_and_what_was_said_is_answered() -> None:
    config = CONFIG.model_copy(update={"max_hold_s": 3.0})
    async with playing(join(voice(1.0), silence(4.0)), config=config) as scene:
        await scene.room.press()
        await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.SPEECH_END)[0]["reason"] == "limit"
    assert [error["code"] for error in scene.all_of(Event.ERROR)] == ["stuck_key"]
    assert scene.all_of(Event.SPEECH_END)[0]["t"] == pytest.approx(3.0, abs=0.1)


async def test_endless_speech_is_answered_at_a_bound_and_that_is_said() -> None:
    config = CONFIG.model_copy(update={"max_utterance_s": 3.0})
    recording = join(silence(0.5), wake_sound(), voice(6.0), silence(0.5))
    async with playing(recording, config=config) as scene:
        await scene.until(Event.PLAYBACK_START)
    assert scene.all_of(Event.SPEECH_END)[0]["reason"] == "limit"
    assert [error["code"] for error in scene.all_of(Event.ERROR)] == ["endless_speech"]
    assert "3 s" in scene.all_of(Event.ERROR)[0]["message"]
    assert scene.tts.spoken


async def test_while_muted_nothing_is_heard_and_then_again() -> None:
    async with playing(join(QUESTION, silence(1.0), QUESTION)) as scene:
        await scene.room.mute()
        await scene.until_time(3.2)
        assert not scene.all_of(Event.WAKE)
        with pytest.raises(TurnError, match="muted"):
            await scene.room.press()
        assert scene.room.state is State.IDLE
        await scene.room.unmute()
        await scene.until(Event.PLAYBACK_END)
    assert [event["muted"] for event in scene.all_of(Event.MUTE)] == [True, False]
    assert len(scene.all_of(Event.WAKE)) == 1


async def test_muting_ends_listening_but_not_a_reply() -> None:
    async with playing(QUESTION) as scene:
        await scene.until(Event.SPEECH_START)
        await scene.room.mute()
        assert scene.room.state is State.IDLE
    async with playing(QUESTION) as scene:
        await scene.until(Event.PLAYBACK_START)
        await scene.room.mute()
        await scene.until(Event.PLAYBACK_END)
    assert not scene.all_of(Event.PLAYBACK_END)[0]["interrupted"]


@pytest.mark.parametrize(
    ("question", "reply", "open_s"),
    [
        ("What is it?", "It is a house.", CONFIG.follow_up_s),
        ("What is it?", "What do you mean?", CONFIG.follow_up_question_s),
        ("Give me a moment, please.", "Of course.", CONFIG.follow_up_wait_s),
    ],
)
async def test_how_long_the_user_may_go_on_depends_on_what_was_said(
    question: str, reply: str, open_s: float
) -> None:
    llm = ScriptedLanguageModel([(reply,)])
    async with playing(QUESTION, stt=ScriptedStt((question,)), llm=llm) as scene:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    (ended,) = scene.all_of(Event.PLAYBACK_END)
    assert scene.all_of(Event.STATE)[-1]["t"] - ended["t"] == pytest.approx(open_s + 0.3, abs=0.1)


async def test_an_announcement_is_spoken_unasked_and_followed_by_rest() -> None:
    async with playing(silence(4.0)) as scene:
        assert await scene.room.announce("Your tea is ready.")
        assert not await scene.room.announce("And the toast."), "one at a time"
        await scene.until_state(State.IDLE)
    assert scene.moves() == ["announce>SPEAKING", "playback_end>IDLE"]
    assert scene.tts.spoken == ["Your tea is ready."]
    assert scene.sounding_s() == pytest.approx(4 * WORD_S, rel=0.01)
    assert not scene.history.pairs()


async def test_an_announcement_can_be_interrupted() -> None:
    stt = ScriptedStt(("Stop.",))
    async with playing(join(silence(0.5), voice(0.3), silence(2.0)), stt=stt) as scene:
        await scene.room.announce("one two three four five six seven eight nine ten " * 2)
        await scene.until(Event.BARGE_IN)
        await scene.until_state(State.IDLE)
    assert scene.sounding_s() < 1.2
    assert not scene.llm.requests


async def test_an_announcement_that_cannot_be_spoken_is_shown_as_an_error() -> None:
    async with playing(silence(1.0), tts=ScriptedTts(error=ERROR)) as scene:
        await scene.room.announce("Your tea is ready.")
        await scene.until(Event.ERROR)
        await scene.until_state(State.IDLE)
    assert [error["code"] for error in scene.all_of(Event.ERROR)] == ["engine"]
    assert scene.sounding_s() == 0.0


async def test_the_wake_word_in_its_own_words_does_not_wake_it() -> None:
    only_wake_word = CONFIG.model_copy(update={"barge_in": "wake_word"})
    recording = join(silence(0.5), wake_sound(), silence(3.0))
    async with playing(recording, config=only_wake_word) as scene:
        await scene.room.announce('Say "hey Jarvis" and ask. ' + "And so on and so on. " * 3)
        await scene.until(Event.PLAYBACK_END)
    assert not scene.all_of(Event.WAKE)
    assert not scene.all_of(Event.PLAYBACK_END)[0]["interrupted"]


async def test_while_it_speaks_a_wake_word_must_be_surer() -> None:
    recording = join(QUESTION, silence(0.2), wake_sound(), silence(3.0))
    async with playing(recording, wake=ScriptedWake(score=0.4)) as scene:
        await scene.until(Event.PLAYBACK_END)
        assert len(scene.all_of(Event.WAKE)) == 1


class _Deaf:
    """A listener to which no phrase fits."""

    async def fit(self, sound: Pcm, phrase: str) -> float:
        del sound, phrase
        return -20.0


async def test_what_a_second_look_denies_wakes_nothing() -> None:
    async with playing(QUESTION, wake_check=WakeCheck(_Deaf())) as scene:
        await scene.card.input_ended.wait()
    assert not scene.all_of(Event.WAKE)
    assert scene.moves() == []


async def test_who_waits_after_the_wake_word_hears_a_sign() -> None:
    recording = join(silence(0.5), wake_sound(), silence(1.0), voice(1.0), silence(1.0))
    async with playing(recording, sign=chime()) as scene:
        await scene.until(Event.SPEECH_START)
        sounding_s = np.flatnonzero(scene.card.speaker()) / RATE_HZ
        assert sounding_s[0] == pytest.approx(scene.all_of(Event.WAKE)[0]["t"] + 0.4, abs=0.06)
        assert sounding_s[-1] - sounding_s[0] == pytest.approx(chime().duration_s, abs=0.01)
        await scene.until(Event.PLAYBACK_END)
    assert scene.all_of(Event.PLAYBACK_END)[0]["heard_s"] == pytest.approx(
        WORDS * WORD_S + 0.28, abs=0.02
    ), "the sign is no part of the reply"


async def test_the_speaker_is_told_as_soon_as_somebody_may_want_an_answer_and_when_no_more() -> (
    None
):
    async with playing(join(QUESTION, silence(1.0))) as scene:
        assert scene.expectations == []
        await scene.until(Event.WAKE)
        await scene.until_state(State.LISTENING)
        assert scene.expectations == [True]
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
        assert set(scene.expectations[:-1]) == {True}
        assert not scene.expectations[-1]
        scene.expectations.clear()
        await scene.room.announce("Your tea is ready.")
        assert scene.expectations == [True]


async def test_who_goes_on_speaking_hears_none() -> None:
    async with playing(QUESTION, sign=chime()) as scene:
        await scene.until(Event.PLAYBACK_START)
        first_s = np.flatnonzero(scene.card.speaker())[0] / RATE_HZ
        assert first_s >= scene.all_of(Event.PLAYBACK_START)[0]["t"] - 0.001


async def test_a_sign_that_nobody_answers_is_over_when_the_room_rests() -> None:
    """A speaker in the middle of something keeps the microphone hurrying."""
    async with playing(join(silence(0.5), wake_sound()), sign=chime()) as scene:
        await scene.until(Event.WAKE)
        await scene.until_state(State.LISTENING)
        await scene.until_state(State.IDLE)
        assert scene.sounding_s() > 0.0
        assert scene.card.clear().played_s == 0.0


async def test_speaking_over_the_sign_silences_it() -> None:
    sign = AudioChunk(voice(2.0))
    recording = join(silence(0.5), wake_sound(), silence(0.8), voice(1.0), silence(1.0))
    async with playing(recording, sign=sign) as scene:
        await scene.until(Event.SPEECH_END)
        assert scene.sounding_s() < 0.6


async def test_a_pause_after_the_wake_word_is_not_the_end_of_the_question() -> None:
    """What was left of the wake word had been taken for an utterance."""
    recording = join(QUESTION, silence(1.0), voice(1.0), silence(1.0))
    stt = ScriptedStt(("Hey Jarvis.", "What is it?"))
    async with playing(recording, stt=stt) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert [request.prompt for request in scene.llm.requests] == ["What is it?"]
    assert "nothing_to_say>LISTENING" in scene.moves()
