"""What is told of satellites that were asked alone and at once."""

from __future__ import annotations

import pytest

from heisenberg.bench.running.satellites import Heard, Round, SatelliteReport
from heisenberg.core.errors import TurnError


def _heard(first_sound_s: float | None, *, right: bool = True) -> Heard:
    return Heard("What?", "What?", "That.", first_sound_s, right)


def test_three_are_held_against_one() -> None:
    rounds = (
        Round(
            (_heard(1.0), _heard(1.0), _heard(1.2)),
            (_heard(1.0), _heard(1.5), _heard(3.0, right=False)),
        ),
        Round(
            (_heard(0.8), _heard(1.0), _heard(1.0, right=False)),
            (_heard(2.0), _heard(1.5), _heard(1.4, right=False)),
        ),
    )
    assert SatelliteReport({"skills": rounds}).as_dict()["skills"] == {
        "asked": 6,
        "right": 4,
        "right_alone": 5,
        "alone_s": 1.0,
        "together_s": 1.5,
        "slowest_s": 2.5,
        "ratio": 1.5,
        "ratio_slowest": 2.5,
    }


def test_where_nothing_was_answered_there_is_nothing_to_tell() -> None:
    silent = (_heard(None),) * 3
    with pytest.raises(TurnError, match="No satellite was answered"):
        SatelliteReport({"model": (Round(silent, silent),)}).as_dict()
