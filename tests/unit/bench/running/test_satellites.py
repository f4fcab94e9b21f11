"""What is told of satellites that were asked alone and at once."""

from __future__ import annotations

import pytest

from heisenberg.bench.running.satellites import Heard, Round, SatelliteReport
from heisenberg.core.errors import TurnError


def _heard(first_sound_s: float | None, what: str = "What?", *, right: bool = True) -> Heard:
    return Heard(what, what, "That.", first_sound_s, right)


def test_three_are_held_against_one_and_each_question_against_itself() -> None:
    rounds = (
        Round(
            (_heard(1.0), _heard(0.5, "Who?"), _heard(2.0, "Why?")),
            (_heard(1.0), _heard(1.1, "Who?"), _heard(3.0, "Why?", right=False)),
        ),
        Round(
            (_heard(0.8), _heard(0.5, "Who?"), _heard(2.0, "Why?", right=False)),
            (_heard(2.0), _heard(1.3, "Who?"), _heard(3.4, "Why?", right=False)),
        ),
    )
    assert SatelliteReport({"skills": rounds}).as_dict()["skills"] == {
        "asked": 6,
        "right": 4,
        "right_alone": 5,
        "alone_s": 0.9,
        "together_s": 1.65,
        "ratio": 1.833,
        "ratio_max": 2.4,
    }


def test_where_nothing_was_answered_there_is_nothing_to_tell() -> None:
    silent = (_heard(None),) * 3
    with pytest.raises(TurnError, match="No satellite was answered"):
        SatelliteReport({"model": (Round(silent, silent),)}).as_dict()
