"""One report an utterance."""

from __future__ import annotations

from heisenberg.wake.debounce import Debounce


def _reports(scores: list[float], *, run_frames: int = 1) -> list[tuple[int, float]]:
    debounce = Debounce(run_frames=run_frames, rest_frames=4)
    found = [(at, debounce.push(score, 0.3)) for at, score in enumerate(scores)]
    return [(at, score) for at, score in found if score is not None]


def test_a_run_of_high_scores_is_one_report_at_its_first_frame() -> None:
    assert _reports([0.1, 0.97, 0.98, 0.99, 0.99, 0.98, 0.97, 0.97, 0.97, 0.2]) == [(1, 0.97)]


def test_a_score_below_the_threshold_is_none() -> None:
    assert _reports([0.0, 0.29, 0.2]) == []


def test_a_lower_run_is_reported_with_its_height_when_it_is_over() -> None:
    assert _reports([0.1, 0.4, 0.6, 0.5, 0.1, 0.0]) == [(4, 0.6)]


def test_a_lower_run_that_goes_on_is_not_waited_for() -> None:
    assert _reports([0.4, 0.5, 0.6, 0.6, 0.7, 0.7, 0.7, 0.1]) == [(3, 0.6)]


def test_a_dip_within_an_utterance_does_not_report_it_again() -> None:
    assert _reports([0.97, 0.2, 0.97, 0.1]) == [(0, 0.97)]


def test_the_next_utterance_is_reported() -> None:
    assert _reports([0.97, 0.2, 0.1, 0.1, 0.1, 0.99, 0.97]) == [(0, 0.97), (5, 0.99)]


def test_an_utterance_that_begins_in_the_rest_is_reported_when_the_rest_is_over() -> None:
    assert _reports([0.97, 0.2, 0.1, 0.97, 0.97, 0.97]) == [(0, 0.97), (4, 0.97)]


def test_a_sure_one_does_not_wait_for_the_rest_of_a_doubtful_one() -> None:
    assert _reports([0.5, 0.1, 0.97, 0.98, 0.99]) == [(1, 0.5), (2, 0.97)]
    assert _reports([0.4, 0.4, 0.4, 0.4, 0.97, 0.98]) == [(3, 0.4), (4, 0.97)]


def test_a_doubtful_one_waits_for_the_rest_of_another() -> None:
    assert _reports([0.5, 0.1, 0.6, 0.1, 0.1, 0.1, 0.6, 0.1]) == [(1, 0.5), (7, 0.6)]


def test_reset_forgets_the_last_report() -> None:
    debounce = Debounce(run_frames=2, rest_frames=4)
    assert [debounce.push(0.97, 0.3), debounce.push(0.97, 0.3)] == [None, 0.97]
    debounce.reset()
    assert [debounce.push(0.97, 0.3), debounce.push(0.97, 0.3)] == [None, 0.97]


def test_a_moment_is_too_short_where_a_run_is_asked_for() -> None:
    scores = [0.97, 0.1, 0.97, 0.2, 0.97, 0.98, 0.97]
    assert _reports(scores, run_frames=2) == [(5, 0.98)]


def test_low_scores_before_a_high_one_do_not_report_it_sooner() -> None:
    scores = [0.35, 0.4, 0.97, 0.98, 0.99]
    assert _reports(scores, run_frames=2) == [(3, 0.98)]


def test_a_higher_threshold_is_asked_for_frame_by_frame() -> None:
    debounce = Debounce(run_frames=1, rest_frames=4)
    assert debounce.push(0.97, 0.99) is None
    assert debounce.push(0.97, 0.5) == 0.97
