"""Where the time of a turn went."""

from __future__ import annotations

import pytest

from heisenberg.core.events import Event, EventRecord
from heisenberg.core.latency import LatencyObserver, TurnLatency


def _events(**marks: float) -> list[EventRecord]:
    records = []
    for name, t in marks.items():
        event = Event(name)
        fields = {"voiced_end_s": 10.0} if event is Event.SPEECH_END else {}
        records.append(EventRecord(t, event, fields))
    return records


def _turns(records: list[EventRecord]) -> list[TurnLatency]:
    turns: list[TurnLatency] = []
    observer = LatencyObserver(turns.append)
    for record in records:
        observer(record)
    return turns


def test_the_stages_add_up_to_the_wait_for_the_first_sound() -> None:
    (turn,) = _turns(
        _events(
            speech_end=10.3,
            transcript=10.7,
            llm_token=10.9,
            first_clause=11.0,
            first_sound=11.1,
            playback_start=11.15,
        )
    )
    assert [stage.name for stage in turn.stages] == [
        "end of turn",
        "recognition",
        "first token",
        "first clause",
        "voice",
        "speaker",
    ]
    assert sum(stage.duration_s for stage in turn.stages) == pytest.approx(turn.first_sound_s)
    assert turn.first_sound_s == pytest.approx(1.15)


def test_each_turn_is_reported_once_and_an_apology_is_no_turn() -> None:
    first = _events(speech_end=10.3, transcript=10.5, llm_token=10.6, playback_start=11.0)
    apology = _events(playback_start=12.0)
    assert len(_turns(first + apology)) == 1
