"""Where the time of a turn went."""

from __future__ import annotations

import pytest

from heisenberg.core.events import Event, EventRecord
from heisenberg.core.latency import LatencyObserver, TurnLatency


def _events(*, drafted: bool = False, **marks: float) -> list[EventRecord]:
    records = []
    for name, t in marks.items():
        event = Event(name)
        fields = {}
        if event is Event.SPEECH_END:
            fields = {"voiced_end_s": 10.0, "drafted": drafted}
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
        "pause",
        "recognition",
        "first token",
        "first clause",
        "voice",
        "end of turn",
        "speaker",
    ]
    assert turn.stages[0].duration_s == pytest.approx(0.3)
    assert turn.stages[5].duration_s == 0.0
    assert sum(stage.duration_s for stage in turn.stages) == pytest.approx(turn.first_sound_s)
    assert turn.first_sound_s == pytest.approx(1.15)


@pytest.mark.parametrize("told", ["as it happens", "by time"])
def test_a_draft_is_made_before_the_end_of_the_turn_which_is_then_waited_for(told: str) -> None:
    dropped = _events(draft=9.0)
    used = _events(draft=10.13, transcript=10.3, llm_token=10.4, first_clause=10.45)
    end = _events(drafted=True, speech_end=10.6)
    rest = _events(first_sound=10.5, playback_start=10.65)
    records = [*dropped, used[0], *end, *used[1:], *rest]
    if told == "by time":
        records.sort(key=lambda record: record.t)
    (turn,) = _turns(records)
    assert {stage.name: round(stage.duration_s, 3) for stage in turn.stages} == {
        "pause": 0.13,
        "recognition": 0.17,
        "first token": 0.1,
        "first clause": 0.05,
        "voice": 0.05,
        "end of turn": 0.1,
        "speaker": 0.05,
    }


def test_a_draft_that_was_dropped_is_no_part_of_the_wait() -> None:
    records = _events(draft=9.0) + _events(speech_end=10.3, transcript=10.5, playback_start=11.0)
    (turn,) = _turns(records)
    assert turn.stages[0].duration_s == pytest.approx(0.3)


def test_each_turn_is_reported_once_and_an_apology_is_no_turn() -> None:
    first = _events(speech_end=10.3, transcript=10.5, llm_token=10.6, playback_start=11.0)
    apology = _events(playback_start=12.0)
    assert len(_turns(first + apology)) == 1
