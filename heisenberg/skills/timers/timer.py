"""One timer, alarm or reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.slots.recurrences import Weekdays

_WEEK: Final = 7


class Kind(StrEnum):
    """What it is to whoever set it."""

    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Again:
    """It rings at this time of day on each of these days, by the clock of where the machine was
    when it rang last. Raises ``ValueError`` for days and times that are none."""

    weekdays: Weekdays
    hour: int
    minute: int

    def __post_init__(self) -> None:
        time(self.hour, self.minute)
        if not self.weekdays or not set(self.weekdays) <= set(range(_WEEK)):
            raise ValueError("these are no days of the week")

    def after(self, now_s: float) -> float:
        """When it rings next."""
        now = datetime.fromtimestamp(now_s).astimezone()
        moment = Moment(self.hour, self.minute, is_certain=True, again=self.weekdays)
        return moment.after(now).timestamp()


@dataclass(frozen=True, slots=True)
class Timer:
    """``due_s`` is when it rings, in seconds of the system's clock (UTC); ``length_s`` how long it
    was set for, 0 where it is an alarm, which rings when the clock says so. ``language`` is that in
    which it was asked for; ``about`` is what a reminder is to remind of; ``again`` when it rings
    after that."""

    id: int
    due_s: float
    length_s: float
    language: str
    name: str = ""
    about: str = ""
    again: Again | None = None

    @property
    def is_alarm(self) -> bool:
        """It goes by the clock, not by how much time has passed."""
        return not self.length_s

    @property
    def kind(self) -> Kind:
        if self.about:
            return Kind.REMINDER
        return Kind.ALARM if self.is_alarm else Kind.TIMER

    def left(self, now_s: float) -> timedelta:
        return timedelta(seconds=max(0.0, self.due_s - now_s))
