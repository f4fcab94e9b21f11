"""How timers, alarms and reminders are told, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.slots.durations import duration_of, said_duration
from heisenberg.skills.slots.moments import Moment, said_moment, said_time
from heisenberg.skills.slots.near import is_near
from heisenberg.skills.slots.recurrences import days_called, said_recurrence
from heisenberg.skills.timers.timer import Again, Kind, Timer
from heisenberg.skills.words import SkillWords

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Telling:
    """Says what a timer is, in the language of whoever asks."""

    def __init__(self, words: SkillWords, languages: Sequence[str]) -> None:
        """Blocks to read files."""
        self._words = words
        for language in languages:
            said_moment(_EVER, _EVER, language)
            said_recurrence((0,), "", language)

    def name(self, timer: Timer, now: datetime, language: str) -> str:
        """As in "the pasta timer"."""
        if timer.kind is Kind.REMINDER:
            return self._words.say(language, "called_reminder", about=timer.about)
        if timer.kind is Kind.ALARM:
            when = said_due(_local(timer.due_s, now), timer.again, now, language)
            return self._words.say(language, "called_alarm", when=when)
        if timer.name:
            return self._words.say(language, "called", name=timer.name)
        length = said_duration(timedelta(seconds=timer.length_s), language)
        return self._words.say(language, "unnamed", duration=length)

    def left(self, timer: Timer, now: datetime, language: str) -> str:
        """How long it still runs; of an alarm, what it is says when it rings."""
        what = self.name(timer, now, language)
        if timer.kind is Kind.ALARM:
            return f"{what}."
        if timer.again is not None:
            when = said_due(_local(timer.due_s, now), timer.again, now, language)
            return self._words.say(language, "comes_again", what=what, when=when)
        left = said_duration(timer.left(now.timestamp()), language)
        return self._words.say(language, "left_of", what=what, left=left)

    def ringing(self, timer: Timer) -> str:
        """What is said when it rings."""
        language = timer.language
        if timer.kind is Kind.REMINDER:
            return self._words.say(language, "ring_reminder", about=timer.about)
        due = datetime.fromtimestamp(timer.due_s).astimezone()
        if timer.kind is Kind.ALARM:
            reply = "ring_alarm_named" if timer.name else "ring_alarm"
            return self._words.say(language, reply, time=said_time(due, language), name=timer.name)
        return self._words.say(language, "ring", what=self.name(timer, due, language))


def said_due(due: datetime, again: Again | None, now: datetime, language: str) -> str:
    """When something rings, in words: once, or again and again."""
    if again is None:
        return said_moment(due, now, language)
    usual = due.replace(hour=again.hour, minute=again.minute)
    return said_recurrence(again.weekdays, said_time(usual, language), language)


def called(timers: Sequence[Timer], name: str, now: datetime, language: str) -> Sequence[Timer]:
    """Those of ``timers`` that ``name`` means: what they are called or about, how long they were
    set for, or when they ring; where none is, those whose name it may be, misheard."""
    found = [one for one in timers if _is_called(one, name, now, language)]
    return found or [one for one in timers if is_near(name, f"{one.name} {one.about}")]


def _is_called(timer: Timer, name: str, now: datetime, language: str) -> bool:
    asked, own = (f" {bare_words(one)} " for one in (name, f"{timer.name} {timer.about}"))
    if own.strip() and (asked in own or own in asked):
        return True
    if timer.again is not None and days_called(name, language) == timer.again.weekdays:
        return True
    return _is_as_long(timer, name, language) or _rings_at(timer, name, now, language)


def _is_as_long(timer: Timer, length: str, language: str) -> bool:
    try:
        return duration_of(length, language).total_seconds() == timer.length_s
    except ValueError:
        return False


def _rings_at(timer: Timer, moment: str, now: datetime, language: str) -> bool:
    if timer.kind is not Kind.ALARM:
        return False
    due = _local(timer.due_s, now)
    try:
        asked = Moment.read(moment, language)
    except ValueError:
        return False
    halves = 1 if asked.is_certain else 2
    return (asked.hour % (24 // halves), asked.minute) == (due.hour % (24 // halves), due.minute)


def _local(moment_s: float, now: datetime) -> datetime:
    return datetime.fromtimestamp(moment_s, now.tzinfo)
