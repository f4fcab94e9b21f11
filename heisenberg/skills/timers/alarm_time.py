"""When an alarm is meant to ring: what was said of the time, and of the alarm by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.slots.recurrences import days_called
from heisenberg.skills.timers.naming import NO_NAME, Name, load_names
from heisenberg.skills.timers.timer import Timer

_NOON: Final = 12
_WAKING: Final = range(4, 12)
"""Of a later day that is named, an alarm at these hours is in the morning, unless the other was
said."""


def alarm_time(at: Moment, name: Name, now: datetime, language: str) -> tuple[Moment, Name]:
    """The moment, and the name that is left: a "weekday alarm" is called nothing.

    Raises ``ValueError`` for one that comes again, but nobody said on which days.
    """
    days = days_called(name, language) if name and not at.names_day else ()
    if days:
        at = replace(at, again=days) if len(days) > 1 else replace(at, weekday=days[0])
        name = NO_NAME
    if bare_words(name) in load_names(language).repeating:
        if not at.again:
            raise ValueError("on which days?")
        name = NO_NAME
    is_later = at.again or at.days or at.weekday not in (None, now.weekday())
    return at.in_half(0) if is_later and at.hour in _WAKING else at, name


def moved_alarm(at: Moment, said: Moment | None, before: Timer) -> Moment:
    """Where ``before``, for which ``said`` was said, is to ring at another time: on the same days,
    and not in the morning instead of the evening, unless another day was said."""
    if said is not None and (at.days, at.weekday, at.again) != (
        said.days,
        said.weekday,
        said.again,
    ):
        return at
    if before.again is not None:
        at = replace(at, again=before.again.weekdays)
    hour = datetime.fromtimestamp(before.due_s).astimezone().hour
    if not at.names_day or (hour < _NOON and not at.again):
        return at
    return at.in_half(0 if hour < _NOON else _NOON)
