"""Which timers there are, on disk, so that a restart loses none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from heisenberg.core.errors import InputError, StoreError
from heisenberg.skills.timers.kept import Kept, TimerFile
from heisenberg.skills.timers.timer import Again, Timer

MOST: Final = 100

_log = structlog.get_logger(__name__)

_JUMP_S: Final = 2.0
"""A clock that drifts is corrected by less."""


class TimerBook:
    """Every change is on disk before it is told. Blocks to read and write files; several threads
    may use it, and books of several processes may be of the same file: each sees what another did.

    ``clock`` is the system's, which people and programs may set; ``elapsed`` only ever goes on, and
    does so while the machine sleeps. A timer rings when its time has passed, whatever is done to
    the former. ``boot`` is the name of this start of the machine, from which ``elapsed`` counts;
    without one nothing is known of how the clock was set while no book was open.
    """

    def __init__(
        self,
        file: Path,
        clock: Callable[[], float],
        elapsed: Callable[[], float],
        boot: str = "",
    ) -> None:
        self._file = TimerFile(file)
        self._clock = clock
        self._elapsed = elapsed
        self._boot = boot
        self._timers: Mapping[int, Timer] = {}
        self._next_id = 1
        self._ahead_s = clock() - elapsed()
        self._one_at_a_time = threading.RLock()

    def all(self) -> Sequence[Timer]:
        """The one that rings next first."""
        with self._one_at_a_time:
            self._look()
            if self._timers and self._clock_was_set():
                self._move_all()
            return sorted(self._timers.values(), key=lambda one: (one.due_s, one.id))

    def due(self) -> Sequence[Timer]:
        """Those whose time has passed, the longest past first."""
        return [one for one in self.all() if one.due_s <= self.now_s]

    @property
    def now_s(self) -> float:
        return self._clock()

    def set(self, length: timedelta, language: str, *, name: str = "", about: str = "") -> Timer:
        """A new timer. Raises ``StoreError`` where it can't be kept, ``InputError`` where there are
        too many."""
        seconds = length.total_seconds()
        with self._alone():
            return self._add(self.now_s + seconds, seconds, language, name, about)

    def set_alarm(
        self,
        due_s: float,
        language: str,
        *,
        name: str = "",
        about: str = "",
        again: Again | None = None,
    ) -> Timer:
        """The same for a moment of the system's clock, and those after it."""
        with self._alone():
            return self._add(due_s, 0.0, language, name, about, again)

    def extend(self, timer: Timer, by: timedelta) -> Timer:
        """``timer``, ringing later. Raises ``StoreError``."""
        seconds = by.total_seconds()
        with self._alone():
            now = self._timers.get(timer.id, timer)  # the clock may have been set meanwhile
            length_s = now.length_s and now.length_s + seconds
            later = replace(now, due_s=now.due_s + seconds, length_s=length_s)
            self._keep({**self._timers, timer.id: later})
        return later

    def drop(self, *timers: Timer) -> None:
        """Know nothing more of ``timers``. Raises ``StoreError``."""
        gone = {one.id for one in timers}
        with self._alone():
            self._keep({key: one for key, one in self._timers.items() if key not in gone})

    def heard(self, timer: Timer) -> None:
        """``timer`` has rung: it rings again, or no more. Raises ``StoreError``."""
        if timer.again is None:
            self.drop(timer)
            return
        with self._alone():
            if timer.id in self._timers:  # it may have been cancelled while it rang
                later = replace(timer, due_s=timer.again.after(self.now_s))
                self._keep({**self._timers, timer.id: later})

    def _add(
        self,
        due_s: float,
        length_s: float,
        language: str,
        name: str,
        about: str,
        again: Again | None = None,
    ) -> Timer:
        if len(self._timers) >= MOST:
            raise InputError(f"There are {MOST} timers already.", "Cancel some.")
        timer = Timer(self._next_id, due_s, length_s, language, name, about, again)
        self._keep({**self._timers, timer.id: timer}, next_id=timer.id + 1)
        return timer

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else, in this process or another, changes what is known now."""
        with self._one_at_a_time, self._file.alone():
            self._look()
            self._follow_clock()
            yield

    def _look(self) -> None:
        """Take over what is in the file, where another process wrote it."""
        news = self._file.news()
        if news is None:
            return
        self._timers = news.timers
        self._next_id = max(self._next_id, news.next_id)
        if news.boot == self._boot != "":
            self._ahead_s = news.ahead_s

    def _move_all(self) -> None:
        try:
            with self._alone():
                self._keep(self._timers)
        except StoreError as exc:  # they ring all the same
            _log.error("timers can't be kept", reason=exc.message)
            self._follow_clock()

    def _clock_was_set(self) -> bool:
        return abs(self._clock() - self._elapsed() - self._ahead_s) > _JUMP_S

    def _follow_clock(self) -> None:
        """Where the system's clock was set, timers go on as if it had not been; alarms follow it,
        and those that ring again ring no later than they would if they were set now.

        Whoever notices first moves them for all.
        """
        ahead_s = self._clock() - self._elapsed()
        jump_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        if abs(jump_s) > _JUMP_S and self._timers:
            _log.info("the system's clock was set", by_s=round(jump_s, 1))
            self._timers = {
                key: replace(one, due_s=self._moved(one, jump_s))
                for key, one in self._timers.items()
            }

    def _moved(self, timer: Timer, jump_s: float) -> float:
        if timer.again is not None:
            return min(timer.due_s, timer.again.after(self.now_s))
        return timer.due_s if timer.is_alarm else timer.due_s + jump_s

    def _keep(self, timers: Mapping[int, Timer], *, next_id: int | None = None) -> None:
        following = self._next_id if next_id is None else next_id
        self._file.write(Kept(timers, following, self._ahead_s, self._boot))
        self._timers, self._next_id = timers, following
