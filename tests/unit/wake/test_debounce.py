"""One report an utterance."""

from __future__ import annotations

from heisenberg.wake.debounce import Debounce


def _fired(scores: list[float], *, run_frames: int = 1) -> list[int]:
    debounce = Debounce(0.5, run_frames=run_frames, rest_frames=4)
    return [index for index, score in enumerate(scores) if debounce.fires(score)]


def test_a_run_of_high_scores_is_one_report_at_its_first_frame() -> None:
    assert _fired([0.1, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]) == [1]


def test_a_score_below_the_threshold_is_none() -> None:
    assert _fired([0.0, 0.49, 0.3]) == []


def test_a_dip_within_an_utterance_does_not_report_it_again() -> None:
    assert _fired([0.9, 0.2, 0.9, 0.1]) == [0]


def test_the_next_utterance_is_reported() -> None:
    assert _fired([0.9, 0.2, 0.1, 0.1, 0.1, 0.9, 0.9]) == [0, 5]


def test_an_utterance_that_begins_in_the_rest_is_reported_when_the_rest_is_over() -> None:
    assert _fired([0.9, 0.2, 0.1, 0.9, 0.9, 0.9]) == [0, 4]


def test_reset_forgets_the_last_report() -> None:
    debounce = Debounce(0.5, run_frames=2, rest_frames=4)
    assert [debounce.fires(0.9), debounce.fires(0.9)] == [False, True]
    debounce.reset()
    assert [debounce.fires(0.9), debounce.fires(0.9)] == [False, True]


def test_a_moment_is_too_short_where_a_run_is_asked_for() -> None:
    assert _fired([0.9, 0.1, 0.9, 0.2, 0.8, 0.9, 0.9], run_frames=2) == [5]
