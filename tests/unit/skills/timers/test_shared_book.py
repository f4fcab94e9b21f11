"""Several processes keep timers in one file, and none loses what another did."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from heisenberg.core.errors import StoreError
from heisenberg.skills.timers.book import TimerBook
from tests.fakes.clock import ScriptedClock

TEN = timedelta(minutes=10)
HOUR_S = 3600.0


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock()


def _book(folder: Path, clock: ScriptedClock) -> TimerBook:
    """As each process has its own."""
    return TimerBook(folder / "timers.json", clock.now_s, clock.elapsed_s, clock.boot)


def _names(book: TimerBook) -> list[str]:
    return [one.name for one in book.all()]


def test_what_one_sets_the_other_rings(tmp_path: Path, clock: ScriptedClock) -> None:
    daemon, command = _book(tmp_path, clock), _book(tmp_path, clock)
    command.set(TEN, "en", name="pasta")
    assert _names(daemon) == ["pasta"]
    clock.pass_s(600)
    (pasta,) = daemon.due()
    daemon.drop(pasta)
    assert not command.all()


def test_both_set_and_none_is_lost(tmp_path: Path, clock: ScriptedClock) -> None:
    first, second = _book(tmp_path, clock), _book(tmp_path, clock)
    ids = [
        first.set(TEN, "en", name="a").id,
        second.set(TEN, "en", name="b").id,
        first.set_alarm(clock.now_s() + HOUR_S, "en", name="c").id,
    ]
    assert len(set(ids)) == 3
    assert _names(first) == _names(second) == _names(_book(tmp_path, clock)) == ["a", "b", "c"]


def test_what_one_cancels_rings_nowhere(tmp_path: Path, clock: ScriptedClock) -> None:
    daemon, command = _book(tmp_path, clock), _book(tmp_path, clock)
    timer = daemon.set(TEN, "en")
    command.extend(timer, TEN)
    clock.pass_s(600)
    assert not daemon.due()
    command.drop(timer)
    clock.pass_s(600)
    assert not daemon.due()


def test_a_number_is_not_given_twice(tmp_path: Path, clock: ScriptedClock) -> None:
    """Or who lets go of one that has rung would let go of another."""
    daemon, command = _book(tmp_path, clock), _book(tmp_path, clock)
    rings = daemon.set(TEN, "en")
    command.drop(rings)
    command.set(TEN, "en", name="new")
    daemon.drop(rings)
    assert _names(daemon) == ["new"]
    assert _book(tmp_path, clock).set(TEN, "en").id not in (rings.id, rings.id + 1)


@pytest.mark.parametrize("set_by_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_was_set_is_made_up_for_once(
    set_by_s: float, tmp_path: Path, clock: ScriptedClock
) -> None:
    books = [_book(tmp_path, clock) for _ in range(3)]
    books[0].set(TEN, "en")
    clock.set_by(set_by_s)
    books[2].set(TEN + TEN, "en")
    for book in books:
        assert [one.left(book.now_s) for one in book.all()] == [TEN, TEN + TEN]


def test_a_clock_that_was_set_while_nobody_looked_moves_no_timer(
    tmp_path: Path, clock: ScriptedClock
) -> None:
    _book(tmp_path, clock).set(TEN, "en")
    clock.set_by(-HOUR_S)
    book = _book(tmp_path, clock)
    assert [one.left(book.now_s) for one in book.all()] == [TEN]


def test_many_at_once_lose_none(tmp_path: Path, clock: ScriptedClock) -> None:
    def keep_setting(name: str) -> None:
        book = _book(tmp_path, clock)
        for _ in range(10):
            book.drop(book.set(TEN, "en", name="gone"))
            book.set(TEN, "en", name=name)

    names = ["a", "b", "c", "d"]
    threads = [threading.Thread(target=keep_setting, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(_names(_book(tmp_path, clock))) == sorted(names * 10)


def test_timers_of_an_older_file_are_there(tmp_path: Path, clock: ScriptedClock) -> None:
    due_s = clock.now_s() + HOUR_S
    (tmp_path / "timers.json").write_text(
        f'{{"timers": [{{"id": 7, "due_s": {due_s}, "length_s": 60, "language": "en"}}]}}'
    )
    book = _book(tmp_path, clock)
    assert [one.left(book.now_s) for one in book.all()] == [timedelta(hours=1)]
    assert book.set(TEN, "en").id == 8


def test_a_full_disk_moves_no_timer_and_stops_none(
    tmp_path: Path,
    clock: ScriptedClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = _book(tmp_path, clock)
    book.set(TEN, "en")

    def full(*_args: object, **_options: object) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    monkeypatch.setattr("heisenberg.skills.timers.kept.replace_file", full)
    clock.set_by(HOUR_S)
    assert [one.left(book.now_s) for one in book.all()] == [TEN]
    assert "The disk is full" in capsys.readouterr().out
    clock.pass_s(600)
    assert len(book.due()) == 1
