"""From the moment a turn is certainly over to the first sound of what a skill says, in real time.

What changes nothing is done in the draft, and its sound is held back; anything else begins there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.core.config import Config
from heisenberg.core.errors import TurnError
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.latency import latencies
from heisenberg.loading import Engines
from heisenberg.simulation import Conditions, simulate, spoken

QUESTIONS: Final = (
    "What time is it?",
    "What is the date today?",
    "What is seven times eight?",
    "What timers do I have?",
    "Set a timer for ten minutes.",
    "Set a timer for two hours.",
    "Remind me in twenty minutes to check the oven.",
    "Set an alarm for half past six.",
    "Cancel all timers.",
    "Cancel all alarms.",
)
STAGES: Final = (
    ("skill", Event.SKILL),
    ("clause", Event.FIRST_CLAUSE),
    ("voice", Event.FIRST_SOUND),
    ("speaker", Event.PLAYBACK_START),
)
"""What a stage ends with; the first begins when the turn is over."""

_MS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class SkillTurn:
    """One request that a skill answered: ``after_ms`` from the end of the turn to the first sound,
    of which ``stages_ms``; ``wait_s`` from the last voice. ``drafted``: done before the end."""

    question: str
    transcript: str
    skill: str
    reply: str
    drafted: bool
    after_ms: float
    stages_ms: dict[str, float]
    wait_s: float


@dataclass(frozen=True, slots=True)
class SkillReport:
    """``asked`` requests, and those that a skill answered."""

    asked: int
    turns: tuple[SkillTurn, ...]

    def as_dict(self) -> dict[str, Any]:
        """Raises ``TurnError`` when no skill answered."""
        if not self.turns:
            raise TurnError("No skill answered.", "Ask one with 'heisenberg ask'.")
        after = [one for one in self.turns if not one.drafted]
        return {
            "asked": self.asked,
            "answered": len(self.turns),
            "after_ms": _quantiles(one.after_ms for one in self.turns),
            "wait_s": _quantiles(one.wait_s for one in self.turns),
            "undrafted": len(after),
            "undrafted_after_ms": _quantiles(one.after_ms for one in after),
            "undrafted_stages_ms": {
                name: _quantiles(one.stages_ms[name] for one in after) for name, _ in STAGES
            },
            "turns": [asdict(one) for one in self.turns],
        }


async def bench_skill_turns(
    config: Config,
    engines: Engines,
    *,
    repeat: int,
    questions: Sequence[str] = QUESTIONS,
    on_turn: Callable[[str, SkillTurn | None], None] = lambda _question, _turn: None,
) -> SkillReport:
    """Ask each question ``repeat`` times, spoken by the voice itself."""
    asked = [*questions] * repeat
    turns = []
    for question in asked:
        turn = await _ask(config, engines, await spoken(engines, question), question)
        on_turn(question, turn)
        if turn is not None:
            turns.append(turn)
    return SkillReport(len(asked), tuple(turns))


async def _ask(config: Config, engines: Engines, recording: Pcm, question: str) -> SkillTurn | None:
    conditions = Conditions(ptt=engines.wake is None, hurry=True)
    result = await simulate(config, engines, recording, conditions)
    return read_skill_turn(question, result.events)


def read_skill_turn(question: str, events: Sequence[EventRecord]) -> SkillTurn | None:
    """What came of a request, if a skill answered it."""
    first: dict[Event, EventRecord] = {}
    for record in events:
        if record.fields.get("final", True):
            first.setdefault(record.event, record)
    waits = latencies(events)
    needed = {Event.SPEECH_END, Event.TRANSCRIPT, *(event for _, event in STAGES)}
    if not waits or not needed <= first.keys():
        return None
    over_s = reached_s = first[Event.SPEECH_END].t
    stages_ms = {}
    for name, event in STAGES:
        ended_s = max(reached_s, first[event].t)  # what was done before took no time of these
        stages_ms[name] = round((ended_s - reached_s) * _MS, 1)
        reached_s = ended_s
    skill = first[Event.SKILL]
    return SkillTurn(
        question,
        first[Event.TRANSCRIPT].fields["text"],
        f"{skill.fields['name']}.{skill.fields['action']}",
        skill.fields["text"],
        skill.t < over_s,
        round((reached_s - over_s) * _MS, 1),
        stages_ms,
        round(waits[0].first_sound_s, 3),
    )


def _quantiles(values: Iterable[float]) -> dict[str, float]:
    """p50 and p95; 0 where there are no values."""
    found = [*values] or [0.0]
    p50, p95 = (round(float(value), 3) for value in np.percentile(found, (50, 95)))
    return {"p50": p50, "p95": p95}
