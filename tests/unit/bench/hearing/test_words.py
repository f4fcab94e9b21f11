"""What counts as a wrong word, and what is the same in another spelling."""

from __future__ import annotations

import pytest

from heisenberg.bench.hearing.words import word_errors, words


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Set a timer for ten minutes.", "set a timer for 10 minutes"),
        ("It is twenty to five.", "It is 20 to 5."),
        ("Page ninety nine.", "page ninety-nine"),
        ("Page ninety nine.", "Page 99"),
        ("I can't.", "I can’t"),
        ("Okay, go on.", "Um, OK: go on!"),
    ],
)
def test_spelling_is_no_error(said: str, heard: str) -> None:
    assert word_errors(said, heard) == 0
    assert word_errors(heard, said) == 0


@pytest.mark.parametrize(
    ("heard", "errors"),
    [
        ("wake me at six", 0),
        ("wake me at 7", 1),
        ("wake at six", 1),
        ("wake me up at six now", 2),
        ("", 4),
    ],
)
def test_missing_added_and_replaced_words_are_errors(heard: str, errors: int) -> None:
    assert word_errors("Wake me at six.", heard) == errors


def test_larger_numbers_stay_as_they_are() -> None:
    assert words("In 1815, 007 and 115.") == ["in", "1815", "007", "and", "115"]
