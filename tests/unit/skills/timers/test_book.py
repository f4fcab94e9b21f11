"""Timers on disk: none is lost, whatever happens to the machine and its clock."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest

from heisenberg.core.errors import InputError, StoreError
from heisenberg.skills.timers.book import MOST, TimerBook
from heisenberg.skills.timers.timer import Timer
from tests.fakes.clock import ScriptedClock

TEN = timedelta(minutes=10)
HOUR_S = 3600.0


def _book(folder: Path, clock: ScriptedClock) -> TimerBook:
    return TimerBook(folder / "kept" / "timers.json", clock.now_s, clock.elapsed_s, clock.boot)


def _ids(*timers: Timer) -> list[int]:
    return [one.id for one in timers]


def test_a_timer_is_due_when_its_time_has_passed_and_not_before(tmp_path: Path) -> None:
    clock = ScriptedClock()
    book = _book(tmp_path, clock)
    timer = book.set(TEN, "en", name="pasta")
    clock.pass_s(599.9)
    assert not book.due()
    clock.pass_s(0.1)
    assert _ids(*book.due()) == [timer.id]
    book.drop(timer)
    assert not book.due()
    assert not book.all()


def test_the_one_that_rings_next_is_first(tmp_path: Path) -> None:
    book = _book(tmp_path, ScriptedClock())
    long, short = book.set(2 * TEN, "en"), book.set(TEN, "en")
    assert _ids(*book.all()) == [short.id, long.id]
    book.extend(short, 2 * TEN)
    assert _ids(*book.all()) == [long.id, short.id]


def test_a_restart_loses_none(tmp_path: Path) -> None:
    clock = ScriptedClock()
    before = _book(tmp_path, clock).set(TEN, "fr", name="pâtes")
    clock.pass_s(700)
    clock.restart()
    book = _book(tmp_path, clock)
    assert book.due() == [before]
    assert book.set(TEN, "en").id != before.id


@pytest.mark.parametrize("set_by_s", [HOUR_S, -HOUR_S, 400 * 24 * HOUR_S])
def test_who_sets_the_clock_moves_no_timer(set_by_s: float, tmp_path: Path) -> None:
    clock = ScriptedClock()
    book = _book(tmp_path, clock)
    book.set(TEN, "en")
    clock.pass_s(60)
    clock.set_by(set_by_s)
    assert [one.left(book.now_s) for one in book.all()] == [timedelta(minutes=9)]
    clock.pass_s(539)
    assert not book.due()
    clock.pass_s(1)
    assert len(book.due()) == 1


def test_only_its_owner_can_read_them(tmp_path: Path) -> None:
    _book(tmp_path, ScriptedClock()).set(TEN, "en")
    file = tmp_path / "kept" / "timers.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"timers": [{"id": 1}]}', '{"timers": 3}'])
def test_what_can_not_be_read_is_put_aside(
    damaged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kept" / "timers.json"
    file.parent.mkdir()
    file.write_text(damaged)
    book = _book(tmp_path, ScriptedClock())
    assert not book.all()
    assert file.with_suffix(".unreadable").read_text() == damaged
    book.set(TEN, "en")
    assert len(json.loads(file.read_text())["timers"]) == 1
    assert "can't be read" in capsys.readouterr().out


def test_what_can_not_be_kept_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = _book(tmp_path, ScriptedClock())
    kept = book.set(TEN, "en")

    def full(*_args: object, **_options: object) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    monkeypatch.setattr("heisenberg.skills.timers.kept.replace_file", full)
    with pytest.raises(StoreError):
        book.set(TEN, "en")
    with pytest.raises(StoreError):
        book.drop(kept)
    assert book.all() == [kept]


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(StoreError, match="can't be made"):
        _book(tmp_path, ScriptedClock()).set(TEN, "en")


def test_there_is_a_most(tmp_path: Path) -> None:
    book = _book(tmp_path, ScriptedClock())
    for _ in range(MOST):
        book.set(TEN, "en")
    with pytest.raises(InputError, match="already"):
        book.set(TEN, "en")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_of_timers_restarts_sleep_and_set_clocks(seed: int, tmp_path: Path) -> None:
    """None lost, none early, none later than the look after its time has passed."""
    chance = random.Random(seed)
    clock = ScriptedClock()
    book = _book(tmp_path, clock)
    due_s: dict[int, float] = {}
    rung = 0
    set_in_all = 0
    for _ in range(3000):
        before_s = clock.elapsed_s()
        slept = chance.random() < 0.02
        clock.pass_s(chance.uniform(1, 8 * HOUR_S) if slept else 0.5)
        happens = chance.random()
        if happens < 0.02:
            clock.set_by(chance.choice([-HOUR_S, HOUR_S, 30.0]))
        elif happens < 0.04:
            now_s = clock.elapsed_s()
            book.all()  # as the daemon looks twice a second
            clock.restart()
            due_s = {key: one - now_s + clock.elapsed_s() for key, one in due_s.items()}
            before_s += clock.elapsed_s() - now_s
            book = _book(tmp_path, clock)
        for timer in book.due():
            assert due_s[timer.id] <= clock.elapsed_s() + 1e-3
            assert due_s[timer.id] > before_s - 1e-3, "it should have rung at an earlier look"
            rung += 1
            del due_s[timer.id]
            book.drop(timer)
        if chance.random() < 0.1 and len(due_s) < MOST:
            timer = book.set(timedelta(seconds=chance.randint(1, 20_000)), "en")
            due_s[timer.id] = clock.elapsed_s() + timer.length_s
            set_in_all += 1
    assert sorted(due_s) == sorted(one.id for one in book.all())
    assert rung + len(due_s) == set_in_all
