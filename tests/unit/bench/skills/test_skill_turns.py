"""How soon a skill answers once the turn is over, read off the events."""

from __future__ import annotations

import pytest

from heisenberg.bench.skills.skill_turns import SkillReport, SkillTurn, read_skill_turn
from heisenberg.core.errors import TurnError
from heisenberg.core.events import Event, EventRecord


def _events(*, skill_s: float, over_s: float, drafted: bool) -> list[EventRecord]:
    said = {"name": "timers", "action": "set", "text": "Timer set."}
    return [
        EventRecord(2.1, Event.DRAFT, {"revision": 1}),
        EventRecord(2.2, Event.TRANSCRIPT, {"text": "Set a tim", "final": False}),
        EventRecord(2.5, Event.TRANSCRIPT, {"text": "Set a timer.", "final": True}),
        EventRecord(over_s, Event.SPEECH_END, {"voiced_end_s": 2.0, "drafted": drafted}),
        EventRecord(skill_s, Event.SKILL, said),
        EventRecord(skill_s + 0.01, Event.FIRST_CLAUSE),
        EventRecord(skill_s + 0.06, Event.FIRST_SOUND),
        EventRecord(over_s + 0.11, Event.PLAYBACK_START),
    ]


def _read(*, skill_s: float, over_s: float = 2.6) -> SkillTurn:
    found = read_skill_turn("Set it.", _events(skill_s=skill_s, over_s=over_s, drafted=True))
    assert found is not None
    return found


def test_what_is_done_after_the_end_of_the_turn_has_its_stages() -> None:
    found = _read(skill_s=2.62)
    assert found.stages_ms == pytest.approx(
        {"skill": 20.0, "clause": 10.0, "voice": 50.0, "speaker": 30.0}
    )
    assert (found.after_ms, found.wait_s, found.drafted) == (110.0, 0.71, False)
    assert (found.skill, found.transcript, found.reply) == (
        "timers.set",
        "Set a timer.",
        "Timer set.",
    )


def test_what_was_done_before_costs_nothing_afterwards() -> None:
    found = _read(skill_s=2.52)
    assert found.stages_ms == pytest.approx(
        {"skill": 0.0, "clause": 0.0, "voice": 0.0, "speaker": 110.0}
    )
    assert found.drafted


def test_what_the_model_answered_does_not_count() -> None:
    events = _events(skill_s=2.62, over_s=2.6, drafted=False)
    assert read_skill_turn("Why?", [one for one in events if one.event is not Event.SKILL]) is None


def test_what_is_not_drafted_is_told_alone() -> None:
    report = SkillReport(3, (_read(skill_s=2.52), _read(skill_s=2.62))).as_dict()
    assert (report["asked"], report["answered"], report["undrafted"]) == (3, 2, 1)
    assert report["undrafted_stages_ms"]["voice"]["p50"] == pytest.approx(50.0)
    assert report["after_ms"]["p50"] == pytest.approx(110.0)


def test_no_answer_at_all_is_an_error() -> None:
    with pytest.raises(TurnError, match="No skill answered"):
        SkillReport(1, ()).as_dict()
