"""A machine on which drafts make answers later: they are given up, said once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from heisenberg.audio.base import Pcm
from heisenberg.audio.simulated import SimulatedCard
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.events import Event
from heisenberg.core.state import State
from heisenberg.stt.base import Transcript
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.wake import wake_sound
from tests.integration.scene import REPLY, Scene, playing, voice

CONFIG = TurnConfig(pause_s=0.6, wait_for_speech_s=2.0, follow_up_s=0.0, look_s=0.0)
ONE = join(silence(0.5), wake_sound(), voice(1.0), silence(6.0))
SLOW_S, FAST_S = 2.5, 0.1


class SlowStt(ScriptedStt):
    """Takes as long as it is told, on the card's clock, one utterance after the other."""

    def __init__(self, *took_s: float) -> None:
        super().__init__()
        self._took_s = list(took_s)
        self.now_s: Callable[[], float] = float

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        until_s = self.now_s() + self._took_s.pop(0)
        while self.now_s() < until_s:  # noqa: ASYNC110 - the card's time passes with the loop
            await asyncio.sleep(0)
        return await super().transcribe(utterance, aside=aside, quick=quick)


@asynccontextmanager
async def asked(*took_s: float) -> AsyncIterator[Scene]:
    """A question for every time that recognising it takes, all answered when the block begins."""
    stt = SlowStt(*took_s)
    async with playing(
        join(*[ONE] * len(took_s)),
        stt=stt,
        config=CONFIG,
        turn_detector=ScriptedTurnDetector((0.95,)),
    ) as scene:
        stt.now_s = scene.card.now_s
        # Recognition takes time in every state; only a reply that is being made does not.
        scene.card.starved = lambda: scene.room.state is State.SPEAKING
        await scene.until(Event.PLAYBACK_END, len(took_s))
        await scene.until_state(State.IDLE)
        yield scene


def drafted(scene: Scene) -> list[bool]:
    return [end["drafted"] for end in scene.all_of(Event.SPEECH_END)]


async def test_a_slow_recogniser_ends_drafting_said_once_and_every_turn_is_answered() -> None:
    async with asked(*[SLOW_S] * 5) as scene:
        (error,) = scene.all_of(Event.ERROR)
        assert (error["code"], bool(error["message"]), bool(error["hint"])) == (
            "slow_machine",
            True,
            True,
        )
        assert drafted(scene) == [True, True, True, False, False]
        assert len(scene.all_of(Event.DRAFT)) == 3
        assert scene.room.drafting == "slow_machine"
        assert len(scene.history.pairs()) == 5
        assert scene.history.pairs()[-1][1] == "".join(REPLY)
        last_end, last_heard = scene.all_of(Event.SPEECH_END)[-1], scene.stt.heard[-1]
        assert last_end["t"] - last_end["voiced_end_s"] == pytest.approx(CONFIG.pause_s, abs=0.1)
        assert len(last_heard)


async def test_a_fast_one_keeps_it_and_one_slow_turn_does_not_end_it() -> None:
    async with asked(FAST_S, SLOW_S, FAST_S, FAST_S, SLOW_S) as scene:
        assert not scene.all_of(Event.ERROR)
        assert drafted(scene) == [True] * 5
        assert scene.room.drafting == "on"


async def test_sound_that_is_worked_on_late_while_drafting_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = False
    on_time = SimulatedCard.now_s

    def now_s(card: SimulatedCard) -> float:
        return on_time(card) + (0.5 if late else 0.0)

    monkeypatch.setattr(SimulatedCard, "now_s", now_s)
    async with playing(join(*[ONE] * 4), config=CONFIG) as scene:
        for count in range(1, 5):
            if count < 4:
                await scene.until(Event.DRAFT, count)
            else:
                await scene.until(Event.SPEECH_START, count)
            late = True
            await scene.until(Event.SPEECH_END, count)
            late = False
            await scene.until_state(State.IDLE)
        assert drafted(scene) == [True, True, True, False]
        assert [error["code"] for error in scene.all_of(Event.ERROR)] == ["slow_machine"]
