"""A turn is measured with the daemon's own code, to the first sound and no further."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from heisenberg.bench.turns.thread_turns import TurnMeter
from heisenberg.core.errors import EngineError
from heisenberg.core.turn import Request
from heisenberg.store.thread_plan import Part, ThreadPlan
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector

SPEECH = np.full(16_000, 9_000, np.int16)
PLAN = ThreadPlan(stt=2, llm=2, tts=2)
REPLY = ("Madrid is the capital. ", "It lies in the middle of Spain. ", "Many people live there.")


class Parts:
    """Loads scripted parts; ``now`` are those that are loaded, by part and number of threads."""

    def __init__(self, **scripted: Any) -> None:
        self._scripted = scripted
        self.loads: list[tuple[Part, int]] = []
        self.made: dict[tuple[Part, int], Any] = {}

    async def load(self, part: Part, count: int) -> Any:
        fakes = {"stt": ScriptedStt, "tts": ScriptedTts}
        fake = (
            self._scripted.get(part) or fakes.get(part, lambda: ScriptedLanguageModel((REPLY,)))()
        )
        self.loads.append((part, count))
        self.made[part, count] = fake
        return fake

    @property
    def now(self) -> set[tuple[Part, int]]:
        return {key for key, fake in self.made.items() if not fake.closed}


def meter_of(parts: Parts, detector: ScriptedTurnDetector | None = None) -> TurnMeter:
    requests = [Request(SPEECH, ("Hey Jarvis",)), Request(SPEECH)]
    return TurnMeter(parts.load, detector or ScriptedTurnDetector(), requests, "en", {})


async def test_a_turn_ends_with_its_first_sound() -> None:
    parts = Parts()
    meter = meter_of(parts)
    await meter.prepare(PLAN)
    took_s = await meter.first_sound_s(PLAN, 1)
    voice = parts.made["tts", 2]
    before = len(voice.made)
    await asyncio.sleep(0)
    assert took_s is not None
    assert took_s > 0.0
    assert len(voice.made) == before == 2  # one clause a turn: that to warm up, and this one
    await meter.aclose()


async def test_the_end_of_the_turn_is_judged_by_the_same_sound() -> None:
    detector = ScriptedTurnDetector()
    meter = meter_of(Parts(), detector)
    await meter.prepare(PLAN)
    await meter.first_sound_s(PLAN, 0)
    assert all(heard is SPEECH for heard in detector.heard)
    assert len(detector.heard) == 2
    await meter.aclose()


async def test_the_model_holds_another_prompt_before_every_question() -> None:
    parts = Parts()
    meter = meter_of(parts)
    await meter.prepare(PLAN)
    for question in (0, 1, 1):
        await meter.first_sound_s(PLAN, question)
    model = parts.made["llm", 2]
    assert len(model.warmed) == len(model.requests) == 4
    assert all(warmed.history for warmed in model.warmed)
    assert all(request.history == () for request in model.requests)
    await meter.aclose()


async def test_only_what_two_plans_need_is_loaded_and_shared_parts_once() -> None:
    parts = Parts()
    meter = meter_of(parts)
    await meter.prepare(PLAN, ThreadPlan(stt=1, llm=2, tts=2))
    assert parts.now == {("stt", 1), ("stt", 2), ("llm", 2), ("tts", 2)}
    await meter.prepare(PLAN, ThreadPlan(stt=2, llm=1, tts=2))
    assert parts.now == {("stt", 2), ("llm", 1), ("llm", 2), ("tts", 2)}
    assert len(parts.loads) == len(set(parts.loads)) == 5
    await meter.aclose()
    assert parts.now == set()


async def test_what_was_loaded_already_is_not_loaded_again() -> None:
    parts = Parts()
    voice = ScriptedTts()
    meter = TurnMeter(
        parts.load, ScriptedTurnDetector(), [Request(SPEECH)], "en", {("tts", 2): voice}
    )
    await meter.prepare(PLAN)
    assert ("tts", 2) not in parts.loads
    assert voice.spoken
    await meter.aclose()
    assert voice.closed


async def test_a_question_in_which_no_words_were_heard_has_no_first_sound() -> None:
    parts = Parts(stt=ScriptedStt(("",)))
    meter = meter_of(parts)
    await meter.prepare(PLAN)
    assert await meter.first_sound_s(PLAN, 0) is None
    assert parts.made["llm", 2].requests == []
    await meter.aclose()


async def test_an_engine_that_fails_ends_the_measurement_with_its_error() -> None:
    meter = meter_of(Parts(tts=ScriptedTts(error=EngineError("The voice failed: it is hoarse."))))
    with pytest.raises(EngineError, match="hoarse"):
        await meter.prepare(PLAN)
    await meter.aclose()
