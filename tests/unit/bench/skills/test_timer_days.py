"""The days of timers, in short; and that they would show a fault."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from heisenberg.bench.skills.timer_days import TimerDays, bench_timer_days
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.timer import Timer


async def _found(folder: Path, timers: int = 240) -> TimerDays:
    return await bench_timer_days(folder, timers, seed=1)


async def test_none_is_lost_early_or_late(tmp_path: Path) -> None:
    found = await _found(tmp_path, timers=800)
    assert (found.set, found.rung + found.cancelled, found.lost) == (800, 800, 0)
    assert (found.early, found.late, found.wrong_hour, found.unexpected) == (0, 0, 0, 0)
    assert found.worst_late_s <= 0.5
    assert found.again
    assert found.cancelled
    assert found.events["restarts"]
    assert found.events["clock was set"]
    assert found.days > 0.5


async def test_timers_that_follow_the_clock_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimerBook, "_clock_was_set", lambda _book: False)
    monkeypatch.setattr(TimerBook, "_follow_clock", lambda _book: None)
    found = await _found(tmp_path)
    assert found.early
    assert found.late


async def test_alarms_that_do_not_follow_summer_time_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(self: Any, now: datetime) -> datetime:
        """As if every day had 24 hours."""
        today = now.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        seconds = today.timestamp() - now.timestamp()
        return datetime.fromtimestamp(now.timestamp() + seconds % 86_400, now.tzinfo)

    monkeypatch.setattr(Moment, "after", after)
    found = await _found(tmp_path, timers=800)
    assert found.wrong_hour


async def test_one_that_was_cancelled_and_rings_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = TimerBook.drop
    calls = iter(range(1_000_000))

    def drop(self: TimerBook, *timers: Timer) -> None:
        if next(calls) % 10:
            kept(self, *timers)

    monkeypatch.setattr(TimerBook, "drop", drop)
    found = await _found(tmp_path)
    assert found.unexpected


async def test_a_loop_that_looks_too_seldom_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heisenberg.skills.timers.ringing.LOOK_S", 5.0)
    found = await _found(tmp_path)
    assert found.late
    assert found.worst_late_s > 1.0
