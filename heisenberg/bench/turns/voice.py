"""From the end of a spoken question to the first sound of the answer, in real time.

Beside it, on the same recordings in the same run: the same without drafts, the same engines one
after the other, and the floor, which is what the stages take alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.turns.sequential import Floor, PlainWhisper, Sequential, floor, sequential
from heisenberg.core.config import Config
from heisenberg.core.errors import TurnError
from heisenberg.core.events import Event
from heisenberg.core.latency import latencies
from heisenberg.llm.base import LanguageModel
from heisenberg.loading import Engines
from heisenberg.simulation import Conditions, Simulation, simulate, spoken

QUESTIONS: Final = (
    "What is the capital of Spain?",
    "How many legs does a spider have?",
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
SAME_FOR_ALL: Final = ("llm.temperature=0", "llm.seed=1", "llm.max_tokens=40")
"""Settings with which every side answers alike."""
_SOMETHING_ELSE: Final = (("Hello.", "Hello."),)
"""What the model is turned to before each side: it would still hold the question of the last one,
and have its prompt for nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question: how long until the answer sounded, by the events and in the sound itself.

    ``cpu_s`` is what the whole process computed, from the recording's beginning until the reply
    had sounded and the room was quiet again.
    """

    question: str
    transcript: str
    reply: str
    first_sound_s: float
    first_sample_s: float
    stages_s: dict[str, float]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One recording of a question on every side; ``None`` where a side gave no answer to it."""

    question: str
    turn: Turn | None
    no_draft: Turn | None
    sequential: Sequential
    floor: Floor

    @property
    def is_whole(self) -> bool:
        return self.turn is not None and self.no_draft is not None


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """All trials; what is compared are those in which every side answered."""

    trials: tuple[Trial, ...]

    def as_dict(self) -> dict[str, Any]:
        """Raises ``TurnError`` when no question was answered on every side."""
        whole = [trial for trial in self.trials if trial.is_whole]
        if not whole:
            raise TurnError("No question was answered.", "Ask one with 'heisenberg demo'.")
        turns = [trial.turn for trial in whole if trial.turn]
        without = [trial.no_draft for trial in whole if trial.no_draft]
        v2v_s = _quantiles([turn.first_sample_s for turn in turns])
        sequential_s = _median([trial.sequential.first_sound_s for trial in whole])
        floor_s = _median([trial.floor.first_sound_s for trial in whole])
        cpu_s = _median([turn.cpu_s for turn in turns])
        no_draft_cpu_s = _median([turn.cpu_s for turn in without])
        return {
            "asked": len(self.trials),
            "turns": len(whole),
            "v2v_s": v2v_s,
            "no_draft_v2v_s": _median([turn.first_sample_s for turn in without]),
            "sequential_v2v_s": sequential_s,
            "floor_s": floor_s,
            "ratio_to_sequential": round(v2v_s["p50"] / sequential_s, 3),
            "ratio_to_floor": round(v2v_s["p50"] / floor_s, 3),
            "cpu_s": cpu_s,
            "no_draft_cpu_s": no_draft_cpu_s,
            "ratio_cpu": round(cpu_s / no_draft_cpu_s, 3),
            "stages_s": {
                name: _quantiles([turn.stages_s[name] for turn in turns])
                for name in turns[0].stages_s
            },
            "no_draft_stages_s": _medians([turn.stages_s for turn in without]),
            "sequential_stages_s": _medians([trial.sequential.stages_s for trial in whole]),
            "trials": [asdict(trial) for trial in self.trials],
        }


async def bench_voice(
    config: Config,
    engines: Engines,
    recogniser: PlainWhisper,
    *,
    repeat: int,
    questions: Sequence[str] = QUESTIONS,
    on_trial: Callable[[Trial], None] = lambda _trial: None,
) -> VoiceReport:
    """Ask each question ``repeat`` times, spoken by the voice itself after the wake word.

    ``config`` must have been loaded with ``SAME_FOR_ALL``.
    """
    off = config.model_copy(update={"turn": config.turn.model_copy(update={"draft": False})})
    language = config.languages[0]
    trials: list[Trial] = []
    for question in [*questions] * repeat:
        recording = await spoken(engines, question)
        turn = await _ask(config, engines, recording, question)
        no_draft = await _ask(off, engines, recording, question)
        await turn_away(engines.llm)
        one_by_one = await sequential(engines, recogniser, recording, question, language)
        await turn_away(engines.llm)
        alone = await floor(engines, recording, question, language)
        trials.append(Trial(question, turn, no_draft, one_by_one, alone))
        on_trial(trials[-1])
    return VoiceReport(tuple(trials))


async def turn_away(llm: LanguageModel) -> None:
    """Put another turn's prompt into the model, as it is when a new question comes."""
    await llm.warm(conversation_history=_SOMETHING_ELSE)


async def _ask(config: Config, engines: Engines, recording: Pcm, question: str) -> Turn | None:
    await turn_away(engines.llm)
    conditions = Conditions(ptt=engines.wake is None, hurry=True)  # what follows is not waited for
    began_s = time.process_time()
    result = await simulate(config, engines, recording, conditions)
    return read_turn(question, recording, result, time.process_time() - began_s)


def read_turn(question: str, recording: Pcm, result: Simulation, cpu_s: float) -> Turn | None:
    """What came of a question, if it was answered after it was over."""
    waits = latencies(result.events)
    fields: dict[Event, dict[str, Any]] = {}
    for record in result.events:
        if record.fields.get("final", True):
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
        round(cpu_s, 3),
    )


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p90 and p95 of at least one value."""
    p50, p90, p95 = (round(float(value), 3) for value in np.percentile(values, (50, 90, 95)))
    return {"p50": p50, "p90": p90, "p95": p95}


def _median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 3)


def _medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of every stage over at least one turn."""
    return {name: _median([turn[name] for turn in turns]) for name in turns[0]}
