"""The sides of the voice bench are compared turn by turn."""

from __future__ import annotations

import pytest

from heisenberg.bench.turns.sequential import SILENCE_S, Floor, Sequential
from heisenberg.bench.turns.voice import Trial, Turn, VoiceReport
from heisenberg.core.errors import TurnError


def turn(first_sample_s: float, *, cpu_s: float, pause_s: float = 0.1) -> Turn:
    stages_s = {"pause": pause_s}
    return Turn("Why?", "Why?", "Because.", first_sample_s, first_sample_s, stages_s, cpu_s)


def trial(with_draft_s: float, without_s: float | None, answer_s: float = 0.6) -> Trial:
    return Trial(
        "Why?",
        turn(with_draft_s, cpu_s=6.0 * with_draft_s),
        None if without_s is None else turn(without_s, cpu_s=3.0, pause_s=without_s / 2),
        Sequential(0.5, answer_s, 0.1),
        Floor(0.2, 0.2, 0.1),
    )


def test_the_ratios_are_those_of_the_medians() -> None:
    found = VoiceReport((trial(0.6, 1.0), trial(0.7, 0.9), trial(0.8, 1.1))).as_dict()
    assert found["turns"] == 3
    assert found["v2v_s"]["p50"] == 0.7
    assert found["no_draft_v2v_s"] == 1.0
    assert found["sequential_v2v_s"] == pytest.approx(SILENCE_S + 1.2)
    assert found["ratio_to_sequential"] == pytest.approx(0.35)
    assert found["ratio_to_floor"] == pytest.approx(1.4)
    assert found["stages_s"]["pause"]["p95"] == 0.1


def test_each_side_has_its_own_stages_and_the_silence_is_one_of_them() -> None:
    trials = (trial(0.6, 1.0, 0.4), trial(0.7, 0.8, 0.5), trial(0.8, 1.1, 0.9))
    found = VoiceReport(trials).as_dict()
    assert found["no_draft_stages_s"] == {"pause": 0.5}
    assert found["sequential_stages_s"] == {
        "silence": SILENCE_S,
        "recognition": 0.5,
        "answer": 0.5,
        "voice": 0.1,
    }


def test_what_drafts_cost_is_the_computing_of_a_turn_against_one_without() -> None:
    found = VoiceReport((trial(0.6, 1.0), trial(0.7, 0.9), trial(0.8, 1.1))).as_dict()
    assert (found["cpu_s"], found["no_draft_cpu_s"], found["ratio_cpu"]) == (4.2, 3.0, 1.4)


def test_what_one_side_did_not_answer_is_compared_on_none() -> None:
    found = VoiceReport((trial(0.6, 1.0), trial(9.0, None))).as_dict()
    assert (found["asked"], found["turns"]) == (2, 1)
    assert found["v2v_s"]["p95"] == 0.6


def test_no_answer_at_all_is_an_error() -> None:
    with pytest.raises(TurnError, match="No question was answered"):
        VoiceReport((trial(0.6, None),)).as_dict()
