"""A room with scripted engines on audio time, and everything that happens in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.simulated import Echo, SimulatedCard
from heisenberg.core.bus import Bus
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.conversation import Conversation, Skills
from heisenberg.core.errors import EngineError
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.phrases import Phrases
from heisenberg.core.room import Room
from heisenberg.core.state import State
from heisenberg.core.talk.hearing import Ears
from heisenberg.core.turn import TurnEngines
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.delivery import Delivery
from heisenberg.wake.check import WakeCheck
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.vad import ScriptedVad
from tests.fakes.wake import ScriptedWake, wake_sound

WORD_S = 0.1
CONFIG = TurnConfig(pause_s=0.2, wait_for_speech_s=2.0, look_s=0.0)
REPLY = (
    "The capital ",
    "of France is Paris. ",
    "It lies on the Seine, and many people ",
    "go there.",
)
WORDS = len("".join(REPLY).split())


ERROR = EngineError("The engine is broken.", "Mend it.")


def voice(seconds: float) -> Pcm:
    return np.full(round(seconds * RATE_HZ), 3000, np.int16)


QUESTION = join(silence(0.5), wake_sound(), voice(1.0), silence(0.5))


@dataclass
class Scene:
    """A room with scripted engines, and everything that happened in it."""

    card: SimulatedCard
    llm: ScriptedLanguageModel
    stt: ScriptedStt
    tts: ScriptedTts
    history: ConversationHistory
    wake: ScriptedWake
    turn_detector: ScriptedTurnDetector
    config: TurnConfig
    sign: AudioChunk | None
    wake_check: WakeCheck | None
    skills: Repertoire | None
    delivery: Delivery
    room: Room = field(init=False)
    bus: Bus = field(init=False)
    running: asyncio.Task[None] = field(init=False)
    rested_s: float = 0.0
    """A rest that is not played, by the clock that the engines go by."""
    events: list[EventRecord] = field(default_factory=list)
    expectations: list[bool] = field(default_factory=list)
    """What the speaker was told: whether there may be something to say soon."""

    def __post_init__(self) -> None:
        bus = self.bus = Bus(self.card.now_s)
        bus.observe(self.events.append)
        bus.observe(lambda _record: self.card.notify())
        skills = Skills(Dialogue(self.skills)) if self.skills else None
        conversation = Conversation(self.llm, self.history, PromptWords(), skills=skills)
        self.room = Room(
            self.config,
            Ears(
                self.card,
                ScriptedVad(),
                self.turn_detector,
                self.wake,
                self.wake_check,
                speaking_threshold=0.5,
            ),
            self.card,
            TurnEngines(
                self.stt, conversation, self.tts, partial(ClauseSplitter, "en"), self.delivery
            ),
            bus,
            Phrases(
                "Sorry.",
                closings=frozenset({"stop", "never mind"}),
                backchannels=frozenset({"mhm", "oh yeah"}),
                interruptions=frozenset({"wait"}),
                waits=frozenset({"give me a moment"}),
                forgets=frozenset({"forget everything"}),
                forgotten="I have forgotten it.",
            ),
            self.sign,
            self.expectations.append,
            lambda: self.card.now_s() + self.rested_s,
        )
        self.card.starved = lambda: self.room.state in (State.THINKING, State.SPEAKING)

    def all_of(self, event: Event) -> list[dict[str, Any]]:
        return [{"t": e.t, **e.fields} for e in self.events if e.event is event]

    def moves(self) -> list[str]:
        return [f"{move['trigger']}>{move['to']}" for move in self.all_of(Event.STATE)]

    def sounding_s(self) -> float:
        return float(np.count_nonzero(self.card.speaker())) / RATE_HZ

    async def until(self, event: Event, count: int = 1) -> None:
        await self.while_running(lambda: len(self.all_of(event)) < count)

    async def until_state(self, state: State) -> None:
        await self.while_running(lambda: self.room.state is not state)

    async def until_sounding(self, seconds: float) -> None:
        await self.while_running(lambda: self.sounding_s() < seconds)

    async def until_time(self, t_s: float) -> None:
        await self.while_running(lambda: self.card.now_s() < t_s)

    async def while_running(self, condition: Callable[[], bool]) -> None:
        """Let the loop turn as long as ``condition`` holds; audio time passes with it."""
        while condition():
            assert not self.running.done(), self.running.exception()
            await asyncio.sleep(0)


@asynccontextmanager
async def playing(
    recording: Pcm,
    *,
    llm: ScriptedLanguageModel | None = None,
    stt: ScriptedStt | None = None,
    tts: ScriptedTts | None = None,
    history: ConversationHistory | None = None,
    echo: Echo | None = None,
    wake: ScriptedWake | None = None,
    turn_detector: ScriptedTurnDetector | None = None,
    config: TurnConfig = CONFIG,
    sign: AudioChunk | None = None,
    wake_check: WakeCheck | None = None,
    skills: Repertoire | None = None,
    delivery: Delivery | None = None,
) -> AsyncIterator[Scene]:
    """The room listens to ``recording`` and then to silence, until the block ends."""
    scene = Scene(
        SimulatedCard(recording, fast=True, echo=echo),
        llm or ScriptedLanguageModel([REPLY]),
        stt or ScriptedStt(),
        tts or ScriptedTts(word_s=WORD_S),
        history or ConversationHistory(5),
        wake or ScriptedWake(),
        turn_detector or ScriptedTurnDetector(),
        config,
        sign,
        wake_check,
        skills,
        delivery or Delivery(),
    )
    scene.running = asyncio.create_task(scene.room.run())
    try:
        yield scene
    finally:
        await scene.card.aclose()
        await scene.running
