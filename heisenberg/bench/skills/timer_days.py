"""Days of timers in virtual time: the real loop that rings them, on a machine that is started anew,
put to sleep and set to other times, beside a process that sets and cancels some, too."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.timers.book import MOST, TimerBook
from heisenberg.skills.timers.ringing import LOOK_S, ring_timers
from heisenberg.skills.timers.timer import Again, Timer

ZONE: Final = ZoneInfo("Europe/Paris")
STARTS: Final = (
    datetime(2026, 10, 23, 8, tzinfo=ZONE),  # two days before summer time ends
    datetime(2027, 3, 26, 8, tzinfo=ZONE),  # and begins
)
LATE_S: Final = 1.0

_HOUR_S: Final = 3600.0
_EARLY_S: Final = 0.001
_BETWEEN_SETTINGS_S: Final = 240.0
_MOST_SKIPPED_S: Final = 300.0
_EVENTS: Final = {"sleeps": 0.04, "restarts": 0.03, "boots": 0.01, "clock was set": 0.03}
"""How probable each is after a timer was set."""
_ALARMS, _AGAIN, _BY_ANOTHER, _CANCELLED = 0.4, 0.4, 0.2, 0.05
"""Shares of what is set; those that ring again, of the alarms."""
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class TimerDays:
    """What came of ``set`` timers: those that were ``cancelled`` are to ring no more, all others
    once; those that come again have rung ``again`` besides. ``late`` by more than ``LATE_S`` counts
    from when the machine was awake."""

    set: int
    cancelled: int
    rung: int
    again: int
    lost: int
    early: int
    late: int
    wrong_hour: int
    unexpected: int
    worst_late_s: float
    days: float
    events: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def bench_timer_days(folder: Path, timers: int, *, seed: int) -> TimerDays:
    """Half of ``timers`` over the end of summer time, half over its beginning."""
    worlds = []
    for index, start in enumerate(STARTS):
        file = folder / f"{start:%Y-%m}" / "timers.json"
        worlds.append(_World(file, start, timers // 2, random.Random(seed + index)))
        with _machine_in(ZONE):
            await worlds[-1].run()
    counts: Counter[str] = sum((one.counts for one in worlds), Counter())
    return TimerDays(
        counts["set"],
        counts["cancelled"],
        counts["rung"],
        counts["again"],
        sum(len(one.pending) for one in worlds),
        counts["early"],
        counts["late"],
        counts["wrong hour"],
        counts["unexpected"],
        round(max(one.worst_late_s for one in worlds), 3),
        round(sum(one.machine.true_s - one.began_s for one in worlds) / (24 * _HOUR_S), 1),
        {name: counts[name] for name in _EVENTS},
    )


@contextmanager
def _machine_in(zone: ZoneInfo) -> Iterator[None]:
    """What comes again goes by the zone of the machine."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone.key
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@dataclass(slots=True)
class _Machine:
    """``true_s`` goes on whatever happens; the clock may be set ahead of it."""

    true_s: float
    ahead_s: float = 0.0
    boots: int = 1
    booted_s: float = field(default=0.0)

    def clock(self) -> float:
        return self.true_s + self.ahead_s

    def elapsed(self) -> float:
        return self.true_s - self.booted_s

    def open(self, file: Path) -> TimerBook:
        return TimerBook(file, self.clock, self.elapsed, f"boot {self.boots}")


@dataclass(slots=True)
class _Due:
    """When one must ring: at a true time, or for an alarm, ``at`` an hour and minute, when the
    clock shows ``due_s``; and again at that time on ``weekdays``, if there are any."""

    due_s: float
    at: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()
    has_rung: bool = False

    def true_s(self, machine: _Machine) -> float:
        return self.due_s - machine.ahead_s if self.at else self.due_s


class _Ended(Exception):
    """The process that rings has ended."""


class _World:
    """Also the ``Bell`` that the loop rings, and what it sleeps by."""

    def __init__(self, file: Path, start: datetime, timers: int, chance: random.Random) -> None:
        self.machine = _Machine(start.timestamp(), booted_s=start.timestamp() - 100.0)
        self.began_s = self.machine.true_s
        self.pending: dict[int, _Due] = {}
        self.counts: Counter[str] = Counter()
        self.worst_late_s = 0.0
        self._file = file
        self._left = timers
        self._chance = chance
        self._awake_s = self._clock_set_s = self._next_s = self.began_s
        self._book = self.machine.open(file)
        self._rings: Timer | None = None

    async def run(self) -> None:
        """Until all are set, and for as long as any may still ring."""
        while self._left or self.pending:
            self._awake_s = self.machine.true_s
            self._book = self.machine.open(self._file)
            try:
                await ring_timers(self._book, self, self._named, self._sleep)
            except _Ended:
                continue

    async def ring(self, text: str) -> None:
        """The moment at which one is heard."""
        number, now_s = int(text), self.machine.true_s
        due = self.pending.pop(number, None)
        if due is None:
            self.counts["unexpected"] += 1
            return
        self.counts["again" if due.has_rung else "rung"] += 1
        if due.weekdays:
            next_s = self._next(due)
            self.pending[number] = _Due(next_s, due.at, due.weekdays, has_rung=True)
        due_s = due.true_s(self.machine)
        reached_s = max(due_s, self._clock_set_s) if due.at else due_s
        late_s = now_s - max(reached_s, self._awake_s)
        self.worst_late_s = max(self.worst_late_s, late_s)
        self.counts["early"] += now_s < due_s - _EARLY_S
        self.counts["late"] += late_s > LATE_S
        if due.at and reached_s == due_s > self._awake_s:
            shown = datetime.fromtimestamp(self.machine.clock(), ZONE)
            self.counts["wrong hour"] += (shown.hour, shown.minute) != due.at

    def _named(self, timer: Timer) -> str:
        return str(timer.id)

    async def _sleep(self, seconds: float) -> None:
        """Time goes on, looks at which nothing can happen are passed over, and things happen."""
        machine = self.machine
        if not self._left:
            await asyncio.to_thread(self._end_what_comes_again)
        if not self._left and not self.pending:
            raise _Ended
        until = [one.true_s(machine) for one in self.pending.values()]
        until += [self._next_s] if self._left else []
        quiet_s = min(until) - machine.true_s - 2 * LOOK_S
        machine.true_s += seconds * max(1, min(quiet_s, _MOST_SKIPPED_S) // seconds)
        if self._left and machine.true_s >= self._next_s:
            self._next_s = machine.true_s + self._chance.expovariate(1 / _BETWEEN_SETTINGS_S)
            await asyncio.to_thread(self._change)
            self._happen()

    def _change(self) -> None:
        """One is set, and now and then one is cancelled, by the process that rings or another."""
        chance, machine = self._chance, self.machine
        by_another = chance.random() < _BY_ANOTHER
        book = machine.open(self._file) if by_another else self._book
        if self.pending and chance.random() < _CANCELLED:
            self._cancel(chance.choice(book.all()), book)
        if len(self.pending) >= MOST:
            return
        self._left -= 1
        self.counts["set"] += 1
        if chance.random() < _ALARMS * _AGAIN:
            at = (chance.randint(4, 23), chance.randint(0, 59))
            weekdays = tuple(sorted(chance.sample(range(_WEEK), chance.randint(1, _WEEK))))
            coming = _Due(0.0, at, weekdays)
            coming.due_s = self._next(coming)
            alarm = book.set_alarm(coming.due_s, "en", again=Again(weekdays, *at))
            self.pending[alarm.id] = coming
        elif chance.random() < _ALARMS:
            at = (chance.randint(4, 23), chance.randint(0, 59))
            due = Moment(*at, True).after(datetime.fromtimestamp(machine.clock(), ZONE))
            alarm = book.set_alarm(due.timestamp(), "en")
            self.pending[alarm.id] = _Due(due.timestamp(), at)
        else:
            length = timedelta(seconds=round(10 ** chance.uniform(0, 4.3)))
            timer = book.set(length, "en")
            self.pending[timer.id] = _Due(machine.true_s + length.total_seconds())

    def _cancel(self, timer: Timer, book: TimerBook) -> None:
        book.drop(timer)
        due = self.pending.pop(timer.id, None)
        self.counts["cancelled"] += due is not None and not due.has_rung

    def _end_what_comes_again(self) -> None:
        """Once all are set."""
        for timer in self._book.all():
            if timer.again is not None:
                self._cancel(timer, self._book)

    def _next(self, due: _Due) -> float:
        """When the clock shows the time of what comes again, from now on."""
        assert due.at is not None
        now = datetime.fromtimestamp(self.machine.clock(), ZONE)
        days = (now.date() + timedelta(days=ahead) for ahead in range(_WEEK + 1))
        hour, minute = due.at
        moments = (
            datetime(one.year, one.month, one.day, hour, minute, tzinfo=ZONE) for one in days
        )
        return next(
            one.timestamp() for one in moments if one.weekday() in due.weekdays and one > now
        )

    def _happen(self) -> None:
        """Whatever happens to a machine. Raises ``_Ended`` where that ends the process."""
        happens = [name for name, odds in _EVENTS.items() if self._chance.random() < odds]
        if "boots" in happens and "clock was set" in happens:
            happens.remove("clock was set")  # which nobody could know afterwards
        self.counts.update(happens)
        machine, chance = self.machine, self._chance
        for name in happens:
            match name:
                case "sleeps":
                    machine.true_s += chance.uniform(60.0, 4 * _HOUR_S)
                    self._awake_s = machine.true_s
                case "clock was set":
                    machine.ahead_s += chance.choice((-_HOUR_S, -30.0, 30.0, _HOUR_S))
                    self._clock_set_s = machine.true_s
                    for one in self.pending.values():
                        if one.weekdays:
                            one.due_s = min(one.due_s, self._next(one))
                case "restarts":
                    machine.true_s += chance.uniform(1.0, 600.0)
                case _:
                    machine.true_s += chance.uniform(30.0, 1800.0)
                    machine.boots += 1
                    machine.booted_s = machine.true_s - 3.0
        if {"restarts", "boots"} & set(happens):
            raise _Ended
