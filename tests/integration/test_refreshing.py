"""After a long rest the engines do a little work while the user begins to speak."""

from __future__ import annotations

import asyncio

from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.events import Event
from heisenberg.core.state import State
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.integration.scene import ERROR, QUESTION, REPLY, Scene, playing, voice

LONG_S = 3600.0
ASKED = "What is the capital of France?"


def prompts(scene: Scene) -> list[str]:
    return [request.prompt for request in scene.llm.requests]


async def test_listening_after_a_long_rest_refreshes_every_engine_before_the_question() -> None:
    async with playing(join(silence(0.5), QUESTION)) as scene:
        scene.rested_s = LONG_S
        await scene.until(Event.PLAYBACK_END)
    assert prompts(scene) == ["Yes.", ASKED]
    assert scene.tts.spoken[0] == "Yes."
    assert len(scene.stt.heard) == 2
    assert scene.history.pairs() == [(ASKED, "".join(REPLY))]


async def test_in_a_conversation_and_soon_after_one_nothing_is_refreshed() -> None:
    recording = join(QUESTION, silence(2.0), voice(1.0), silence(6.0), QUESTION)
    async with playing(recording) as scene:
        await scene.until(Event.PLAYBACK_END, 2)
        await scene.until_state(State.IDLE)
        scene.rested_s = 300.0
        await scene.until(Event.PLAYBACK_END, 3)
    assert prompts(scene) == [ASKED] * 3


async def test_only_the_first_of_two_calls_refreshes() -> None:
    """Nobody spoke after it; the second one is soon after."""
    async with playing(silence(1.0)) as scene:
        scene.rested_s = LONG_S
        for _ in range(2):
            await scene.room.press()
            await scene.while_running(lambda: not scene.llm.requests)
            await scene.room.cancel()
    assert prompts(scene) == ["Yes."]


async def test_what_is_still_going_on_when_the_turn_begins_is_left() -> None:
    never = asyncio.Event()
    llm = ScriptedLanguageModel([("Yes.",), REPLY], gates={0: never})
    async with playing(join(silence(0.5), QUESTION), llm=llm) as scene:
        scene.rested_s = LONG_S
        await scene.until(Event.SPEECH_START)
        assert prompts(scene) == ["Yes."]
        assert scene.room.state is State.LISTENING
        await scene.while_running(lambda: len(llm.requests) < 2)
        assert "refresh-llm" not in {task.get_name() for task in asyncio.all_tasks()}
        never.set()
        await scene.until(Event.PLAYBACK_END)
    assert scene.history.pairs() == [(ASKED, "".join(REPLY))]


async def test_an_engine_that_fails_is_told_by_the_turn_alone() -> None:
    config = TurnConfig(pause_s=0.2, wait_for_speech_s=0.5)
    stt, tts = ScriptedStt(error=ERROR), ScriptedTts(error=ERROR)
    async with playing(silence(1.0), stt=stt, tts=tts, config=config) as scene:
        scene.rested_s = LONG_S
        await scene.room.tap()
        await scene.until_state(State.IDLE)
    assert stt.heard
    assert not scene.all_of(Event.ERROR)
