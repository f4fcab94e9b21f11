"""The sides of the voice bench are compared turn by turn."""

from __future__ import annotations

import pytest

from heisenberg.bench.sequential import SILENCE_S, Floor, Sequential
from heisenberg.bench.voice import Trial, Turn, VoiceReport
from heisenberg.core.errors import TurnError


def turn(first_sample_s: float) -> Turn:
    return Turn("Why?", "Why?", "Because.", first_sample_s, first_sample_s, {"pause": 0.1})


def trial(with_draft_s: float, without_s: float | None) -> Trial:
    return Trial(
        "Why?",
        turn(with_draft_s),
        None if without_s is None else turn(without_s),
        Sequential(0.5, 0.6, 0.1),
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


def test_what_one_side_did_not_answer_is_compared_on_none() -> None:
    found = VoiceReport((trial(0.6, 1.0), trial(9.0, None))).as_dict()
    assert (found["asked"], found["turns"]) == (2, 1)
    assert found["v2v_s"]["p95"] == 0.6


def test_no_answer_at_all_is_an_error() -> None:
    with pytest.raises(TurnError, match="No question was answered"):
        VoiceReport((trial(0.6, None),)).as_dict()
