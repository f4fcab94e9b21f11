import pytest

from heisenberg.core.talk.patience import Patience


def patience() -> Patience:
    return Patience(0.7, at_least_s=0.3, at_most_s=1.2)


def test_it_settles_where_nine_in_ten_pauses_are_shorter() -> None:
    learned = patience()
    for number in range(2000):
        learned.note((number * 37 % 100) / 100)
    assert learned.pause_s == pytest.approx(0.9, abs=0.1)


def test_one_long_pause_counts_at_once_and_short_ones_little_by_little() -> None:
    learned = patience()
    learned.note(0.9)
    assert learned.pause_s > 0.75
    learned.note(0.2)
    assert learned.pause_s > 0.75


def test_it_stays_within_its_bounds() -> None:
    learned = patience()
    for _ in range(100):
        learned.note(9.0)
    assert learned.pause_s == 1.2
    for _ in range(1000):
        learned.note(0.1)
    assert learned.pause_s == 0.3
