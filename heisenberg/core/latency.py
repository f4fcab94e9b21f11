"""Where the time of a turn went, read off its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from heisenberg.core.events import Event, EventRecord


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the wait: from ``start_s`` to ``end_s`` after the user's last voice."""

    name: str
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class TurnLatency:
    """The wait of one turn, from the user's last voice to the first sound of the reply."""

    stages: tuple[Stage, ...]

    @property
    def first_sound_s(self) -> float:
        return self.stages[-1].end_s

    @property
    def stages_s(self) -> dict[str, float]:
        """Seconds of every stage by name, in their order."""
        return {stage.name: stage.duration_s for stage in self.stages}


def latencies(records: Iterable[EventRecord]) -> list[TurnLatency]:
    """The wait of every turn in a finished run."""
    found: list[TurnLatency] = []
    observer = LatencyObserver(found.append)
    for record in records:
        observer(record)
    return found


_STAGES: Final = (
    ("pause", Event.DRAFT),
    ("recognition", Event.TRANSCRIPT),
    ("first token", Event.LLM_TOKEN),
    ("first clause", Event.FIRST_CLAUSE),
    ("voice", Event.FIRST_SOUND),
    ("end of turn", Event.SPEECH_END),
    ("speaker", Event.PLAYBACK_START),
)


class LatencyObserver:
    """Watches a bus and hands a ``TurnLatency`` to ``on_turn`` when a reply begins to sound.

    Without a draft the pause lasts to the end of the turn, for which nothing waits afterwards.
    """

    def __init__(self, on_turn: Callable[[TurnLatency], None]) -> None:
        self._on_turn = on_turn
        self._marks: dict[Event, float] = {}
        self._voiced_end_s = 0.0

    def __call__(self, record: EventRecord) -> None:
        if record.event is Event.DRAFT:
            self._marks = {}
        if record.event is Event.SPEECH_END:
            self._voiced_end_s = record.fields["voiced_end_s"]
            if not record.fields["drafted"]:
                self._marks = {Event.DRAFT: record.t}
        if record.event is Event.ERROR:  # what sounds now is an apology
            self._marks = {}
        self._marks.setdefault(record.event, record.t)
        if record.event is Event.PLAYBACK_START and Event.SPEECH_END in self._marks:
            self._on_turn(TurnLatency(tuple(self._stages())))
            self._marks = {}

    def _stages(self) -> list[Stage]:
        stages: list[Stage] = []
        start_s = 0.0
        for name, event in _STAGES:
            mark_s = self._marks.get(event, 0.0) - self._voiced_end_s
            end_s = max(start_s, mark_s)  # a stage that left no mark took no time
            stages.append(Stage(name, start_s, end_s))
            start_s = end_s
        return stages
