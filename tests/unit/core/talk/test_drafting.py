"""When drafts are given up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from heisenberg.core.talk.drafting import Drafting


@pytest.mark.parametrize(
    ("took_s", "worthwhile"),
    [
        ((0.2,) * 9, True),
        ((1.9,) * 9, True),
        ((3.0,), True),
        ((3.0, 3.0), True),
        ((3.0, 3.0, 3.0), False),
        ((3.0, 0.2, 3.0, 0.2, 3.0), False),
        ((3.0, 0.2, 0.2, 3.0, 0.2, 3.0), True),
        ((3.0, 3.0, 3.0, 0.2, 0.2, 0.2, 0.2, 0.2), False),
    ],
)
def test_three_slow_ones_of_five_are_the_machine(took_s: Sequence[float], worthwhile: bool) -> None:
    given_up: list[str] = []
    drafting = Drafting(lambda: given_up.append("once"))
    for seconds in took_s:
        drafting.recognised(seconds)
    assert drafting.worthwhile is worthwhile
    assert given_up == ([] if worthwhile else ["once"])


@pytest.mark.parametrize(
    ("begun_s", "ended_s", "worthwhile"),
    [(0.01, 0.02, True), (0.01, 0.5, False), (0.4, 0.5, True), (0.4, 0.8, False)],
)
def test_falling_behind_while_a_draft_is_made_counts(
    begun_s: float, ended_s: float, worthwhile: bool
) -> None:
    """What the microphone itself takes does not."""
    drafting = Drafting(lambda: None)
    for _ in range(3):
        drafting.begun(begun_s)
        drafting.ended(ended_s)
    assert drafting.worthwhile is worthwhile


def test_both_kinds_are_counted_apart() -> None:
    drafting = Drafting(lambda: None)
    for _ in range(2):
        drafting.recognised(3.0)
        drafting.begun(0.0)
        drafting.ended(0.5)
    assert drafting.worthwhile


def test_its_state_says_whether_it_is_wanted_and_works() -> None:
    assert Drafting(lambda: None, wanted=False).state == "off"
    drafting = Drafting(lambda: None)
    assert drafting.state == "on"
    for _ in range(3):
        drafting.recognised(3.0)
    assert drafting.state == "slow_machine"
