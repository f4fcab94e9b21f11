"""What is to be remembered, and when: "to call home tomorrow at seven"."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final, Self

from heisenberg.skills.slots.durations import duration_of
from heisenberg.skills.slots.moments import Moment, load_moments
from heisenberg.skills.slots.recurrences import recurrence_in
from heisenberg.skills.words import ENGLISH, read_table

_MOST_WORDS: Final = 40
_MOST_OF_DAY: Final = 4
"""Words, of "the day after tomorrow" and the like."""


@dataclass(frozen=True, slots=True)
class When:
    """``after`` a while, or ``at`` a moment; neither where no time was said."""

    STANDS_OUT: ClassVar[bool] = True
    """Its words can be told from those around them."""

    after: timedelta | None = None
    at: Moment | None = None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """What ``text``, nothing but a time, says. Raises ``ValueError``."""
        found = _when(text.strip(" ,"), language)
        if found is None:
            raise ValueError("no time")
        return cls(*found)

    @classmethod
    def read_day(cls, text: str, language: str) -> Self:
        """The same for nothing but a day."""
        return cls(at=Moment.read_day(text, language))


@dataclass(frozen=True, slots=True)
class Reminder:
    """``about`` something, ``after`` a while or ``at`` a moment; neither where no time was said.
    ``is_unclear``: it comes again, but who knows when."""

    AS_SAID: ClassVar[bool] = True
    about: str
    after: timedelta | None = None
    at: Moment | None = None
    is_unclear: bool = False

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """What stands behind "remind me": the time may be first or last, and days on which it
        comes again may stand apart from it. Raises ``ValueError``."""
        if len(text.split()) > _MOST_WORDS:
            raise ValueError("too long")
        again = recurrence_in(text, language)
        if again is None or not (again.is_long or again.is_at_edge_of(text)):
            return cls._once(text, language)
        rest = again.without(text)
        if not again.is_plain:
            return cls(rest, is_unclear=True)
        once = cls._once(rest, language)
        dated = once.at is not None and once.at.names_day
        if dated or once.after or recurrence_in(once.about, language):
            return replace(once, is_unclear=True)
        days = Moment.read_day(text[again.start : again.end], language)
        return replace(once, at=days.at(once.at))

    @classmethod
    def _once(cls, text: str, language: str) -> Self:
        words = text.split()
        leads = _leads(language)
        for when, rest in _parted(words):
            lead = leads.match(f"{rest} ")
            about_what = rest[lead.end() if lead else 0 :].strip(" ,")
            if not about_what or about_what.lower() in load_moments(language).ignored:
                continue
            if found := _when(when, language):
                after, at = found
                if at is not None and not lead and not at.names_day:
                    about_what, at = _with_day(about_what, at, language)
                elif at is not None and at.is_day:
                    about_what, at = _with_time(about_what, at, language)
                return cls(about_what, after, at)
        about = leads.match(text)
        if not about or not text[about.end() :].strip():
            raise ValueError("nothing to be remembered")
        return cls(text[about.end() :].strip())


@dataclass(frozen=True, slots=True)
class Someday:
    """What somebody is to be reminded of at no time that was said."""

    said: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` where a time is said."""
        try:
            found = Reminder.read(text, language)
        except ValueError:
            return cls(text)
        if found.after or found.at or found.is_unclear:
            raise ValueError("there is a time")
        return cls(text)


def _with_day(about: str, at: Moment, language: str) -> tuple[str, Moment]:
    """Of "tomorrow to call home" at seven: what it is about, at seven tomorrow."""
    words = about.split()
    for size in range(min(_MOST_OF_DAY, len(words) - 1), 0, -1):
        rest = " ".join(words[size:])
        lead = _leads(language).match(f"{rest} ")
        try:
            day = Moment.read_day(" ".join(words[:size]), language)
        except ValueError:
            continue
        if lead and rest[lead.end() :].strip():
            return rest[lead.end() :].strip(), day.at(at)
    return about, at


def _with_time(about: str, day: Moment, language: str) -> tuple[str, Moment]:
    """Of "to call home at seven" the day after tomorrow: what it is about, at seven that day."""
    words = about.split()
    for at in range(1, len(words) - 1):
        if words[at].lower() not in load_moments(language).ignored:
            continue  # "bus 7" is no time, "at 7" is
        try:
            found = Moment.read(" ".join(words[at:]), language)
        except ValueError:
            continue
        if not found.names_day:
            return " ".join(words[:at]), day.at(found)
    return about, day


def _parted(words: list[str]) -> Iterator[tuple[str, str]]:
    """Every beginning and every end that may be the time, the longest first, and what is left."""
    for size in range(len(words) - 1, 0, -1):
        yield " ".join(words[-size:]), " ".join(words[:-size])
        yield " ".join(words[:size]), " ".join(words[size:])


def _when(text: str, language: str) -> tuple[timedelta | None, Moment | None] | None:
    within = _within(language).match(text.lower())
    try:
        if within:
            return duration_of(text[within.end() :], language), None
        return None, _moment(text, language)
    except ValueError:
        return None


def _moment(text: str, language: str) -> Moment:
    try:
        return Moment.read(text, language)
    except ValueError:
        return Moment.read_day(text, language)


@functools.cache
def _leads(language: str) -> re.Pattern[str]:
    return _any_of(language, "leads")


@functools.cache
def _within(language: str) -> re.Pattern[str]:
    return _any_of(language, "within")


def load_reminders(language: str) -> None:
    """Read the words, once. Raises ``ConfigError``."""
    _leads(language)
    _within(language)


def _any_of(language: str, key: str) -> re.Pattern[str]:
    table = read_table(language, "timers") or read_table(ENGLISH, "timers")
    words = sorted(table["reminder"][key], key=len, reverse=True)
    either = "|".join(map(re.escape, words))
    return re.compile(rf"(?:{either})(?: |(?<='))", re.IGNORECASE)
