"""From the end of a spoken question to the first sound of the answer, in real time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.config import Config
from heisenberg.core.events import Event
from heisenberg.core.latency import latencies
from heisenberg.main import Engines
from heisenberg.simulation import Simulation, ask_aloud

QUESTIONS: Final = (
    "What is the capital of Spain?",
    "How many days are there in a week?",
    "Why is the sky blue?",
    "Who wrote Romeo and Juliet?",
    "What is the largest planet in our solar system?",
    "How do I boil an egg?",
    "What color do you get when you mix blue and yellow?",
    "Tell me something about elephants.",
    "What is the opposite of hot?",
    "How far away is the moon?",
    "Which language do people speak in Brazil?",
    "What should I wear when it rains?",
)
_INAUDIBLE: Final = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """One question: how long until the answer sounded, by the events and in the sound itself."""

    question: str
    transcript: str
    reply: str
    first_sound_s: float
    first_sample_s: float
    stages_s: dict[str, float]


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """All turns that got an answer, and how many were asked."""

    asked: int
    turns: tuple[Turn, ...]

    def as_dict(self) -> dict[str, Any]:
        waits_s = [turn.first_sample_s for turn in self.turns]
        names = self.turns[0].stages_s if self.turns else {}
        return {
            "asked": self.asked,
            "answered": len(self.turns),
            "first_sound_s": {
                "median": round(statistics.median(waits_s), 3) if waits_s else None,
                "max": round(max(waits_s), 3) if waits_s else None,
            },
            "stages_median_s": {
                name: round(statistics.median(turn.stages_s[name] for turn in self.turns), 3)
                for name in names
            },
            "turns": [asdict(turn) for turn in self.turns],
        }


async def bench_voice(
    config: Config,
    engines: Engines,
    *,
    questions: Sequence[str] = QUESTIONS,
    on_turn: Callable[[Turn], None] = lambda _turn: None,
) -> VoiceReport:
    """Ask each question once, spoken by the voice itself after the wake word, as ``simulate``."""
    turns: list[Turn] = []
    for question in questions:
        recording, result = await ask_aloud(config, engines, question)
        turn = _read(question, recording, result)
        if turn is not None:
            turns.append(turn)
            on_turn(turn)
    return VoiceReport(len(questions), tuple(turns))


def _read(question: str, recording: Pcm, result: Simulation) -> Turn | None:
    waits = latencies(result.events)
    fields: dict[Event, dict[str, Any]] = {}
    for record in result.events:
        fields.setdefault(record.event, dict(record.fields))
    audible_s = np.flatnonzero(np.abs(result.speaker) > _INAUDIBLE) / RATE_HZ
    if not waits or not len(audible_s) or Event.LLM_COMPLETE not in fields:
        return None
    spoken_s = np.flatnonzero(np.abs(recording) > _INAUDIBLE) / RATE_HZ
    if audible_s[0] <= spoken_s[-1]:  # it answered before the question was over
        return None
    return Turn(
        question,
        fields[Event.TRANSCRIPT]["text"],
        fields[Event.LLM_COMPLETE]["text"],
        round(waits[0].first_sound_s, 3),
        round(float(audible_s[0] - spoken_s[-1]), 3),
        {stage.name: round(stage.duration_s, 3) for stage in waits[0].stages},
    )
