"""When an alarm is meant to ring: what was said of the time, and of the alarm by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.slots.recurrences import days_called
from heisenberg.skills.timers.naming import NO_NAME, Name, load_names
from heisenberg.skills.timers.timer import Again

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


def moved_alarm(at: Moment, before: Again | None) -> Moment:
    """What rang ``before`` on some days, at another time: it still does, in the same half of the
    day, unless a day was said."""
    if before is None or at.names_day:
        return at
    half = 0 if before.hour < _NOON else _NOON
    return replace(at.in_half(half), again=before.weekdays)
