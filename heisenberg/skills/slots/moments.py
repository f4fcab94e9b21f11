"""Moments as people say them: "tomorrow at half past six".

The words are in ``prompts/<language>/skills/moments.toml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final, Self
from zoneinfo import ZoneInfo

from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.slots.recurrences import Weekdays, load_recurrences, recurrence_in
from heisenberg.skills.words import ENGLISH, read_table

_MORNING: Final = 9
_AFTERNOON: Final = 15
_EVENING: Final = 18
"""The hours at which is reminded of what is for a day, or a part of it."""
_ENDS: Final = {_MORNING: 12, _AFTERNOON: 18, _EVENING: 24}
"""And when that is over."""
_NIGHT_ENDS: Final = 5
"""The hour up to which "at two at night" is after midnight."""
_HALF_DAY: Final = 12
_WEEK: Final = 7
_EARLIEST: Final = 6
"""Of a day that is named: "tomorrow at 5" is in the afternoon, "tomorrow at 6" in the morning."""
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h ]?\s*(\d{2}))?")
"""Recognisers write "730" for "seven thirty"."""
_BEFORE: Final = re.compile(r"(5|10|20|25) (\d)")
"""And "10-8" for "ten to eight"."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day, on a day that may be named: ``days`` from today, or a ``weekday`` (Monday is
    0); or ``again`` and again, on these days. ``is_certain``: it was said which half of the day it
    is in, or the language has none; ``is_day``: nothing was said but a day, or days, or a ``half``
    of these, which begins with that hour."""

    STANDS_OUT: ClassVar[bool] = True
    """Its words can be told from those around them."""

    hour: int
    minute: int
    is_certain: bool
    days: int | None = None
    weekday: int | None = None
    is_day: bool = False
    again: Weekdays = ()
    half: int | None = None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """What ``text``, nothing but a moment, says. Raises ``ValueError`` where it says none."""
        words = load_moments(language)
        rest = in_digits(text.lower().replace("-", " "), language).replace("’", "'")
        rest = " ".join(rest.strip(" .,?!").split())
        is_night = bool(words.night.search(rest))
        rest, again, half = _again(rest, language)
        rest, days = _taken(rest, words.days)
        rest, weekday = _taken(rest, words.weekdays)
        rest, half_said = _taken(rest, words.halves)
        half = half if half_said is None else half_said
        if again and (days, weekday) != (None, None):
            raise ValueError("either it comes again, or on one day")
        rest = " ".join(
            word for word in rest.replace(",", " ").split() if word not in words.ignored
        )
        hour, minute, is_certain = _time_of(rest, words)
        if half is not None and not is_certain:
            latest = _HALF_DAY if words.twelve_hours else _HALF_DAY + half
            if not 1 <= hour <= latest:
                raise ValueError("there is no such hour in half a day")
            hour = hour % _HALF_DAY + half
            if is_night and half and hour - half < _NIGHT_ENDS:
                if weekday is not None or days is not None:
                    raise ValueError("of which night?")
                hour -= half
        certain = is_certain or half is not None or not words.twelve_hours or hour > _HALF_DAY
        return cls(hour % 24, minute, certain, days, weekday, again=again)

    @classmethod
    def read_day(cls, text: str, language: str) -> Self:
        """The morning of the day, or days, that ``text`` names and nothing else. Raises
        ``ValueError``."""
        words = load_moments(language)
        rest = " ".join(text.lower().replace("-", " ").replace("’", "'").strip(" .,?!").split())
        rest, again, half = _again(rest, language)
        rest, days = _taken(rest, words.days)
        rest, weekday = _taken(rest, words.weekdays)
        this = rest in words.this
        rest, half_said = _taken(rest, words.halves)
        half = half if half_said is None else half_said
        days = 0 if this else days
        named = sum((days is not None, weekday is not None, bool(again)))
        if not named or (again and named > 1) or not words.ignored.issuperset(rest.split()):
            raise ValueError("this is no day")
        hour = (
            _MORNING if not half else _EVENING if words.evening.search(text.lower()) else _AFTERNOON
        )
        return cls(hour, 0, True, days, weekday, is_day=True, again=again, half=half)

    def at(self, other: Moment | None) -> Moment:
        """On this day at the time of ``other``, where that and no more is what each of them says;
        else this."""
        if not self.is_day or other is None or other.names_day:
            return self
        timed = other if self.half is None else other.in_half(self.half)
        if self.half and 0 < timed.hour < _HALF_DAY:  # where a language counts to 24
            timed = replace(timed, hour=timed.hour + _HALF_DAY)
        return replace(timed, days=self.days, weekday=self.weekday, again=self.again)

    def followed_by(self, other: Moment | None) -> Moment:
        """``other``, on the same day or days where it names none."""
        if other is None or other.names_day:
            return other or self
        return replace(other, days=self.days, weekday=self.weekday, again=self.again)

    def in_half(self, half: int) -> Moment:
        """The same in the half of the day that begins with that hour, where it may be in either."""
        if self.is_certain:
            return self
        return replace(self, hour=self.hour % _HALF_DAY + half, is_certain=True)

    @property
    def names_day(self) -> bool:
        """It is not just a time of day."""
        return bool(self.again) or (self.days, self.weekday) != (None, None)

    def after(self, now: datetime) -> datetime:
        """The next such moment after ``now``, in its zone; of an hour that may be in either half of
        the day, the sooner one. Raises ``ValueError`` where it has passed."""
        hours = [self.hour]
        if self.is_day and self.days == 0:
            # Who says "tonight" at seven means later.
            hours = list(range(self.hour, 24 if self.half is None else _ENDS[self.hour]))
        elif not self.is_certain:
            other = (self.hour + _HALF_DAY) % 24
            both = sorted((self.hour, other))
            is_early = self.days or self.again
            hours = [next(one for one in both if one >= _EARLIEST)] if is_early else both
        for days in self._days(now):
            for hour in hours:
                found = _local(now, days, time(hour, self.minute))
                if found > now:
                    return found
        raise ValueError("that has passed")

    def _days(self, now: datetime) -> Sequence[int]:
        if self.again:
            today = now.weekday()
            return [one for one in range(_WEEK + 1) if (today + one) % _WEEK in self.again]
        if self.weekday is not None:
            ahead = (self.weekday - now.weekday()) % _WEEK
            return (ahead, ahead + _WEEK)
        return (0, 1) if self.days is None else (self.days,)


def said_time(moment: datetime, language: str) -> str:
    """The time of day in words. It reads files, once."""
    from babel.dates import format_datetime

    said = _table(language)["said"]
    pattern = said["time"] if moment.minute else said.get("hour", said["time"])
    return str(format_datetime(moment, pattern, locale=language))


def said_moment(moment: datetime, now: datetime, language: str) -> str:
    """In words, as in "tomorrow at 6:30 AM". It reads files, once."""
    from babel.dates import format_date

    said = _table(language)["said"]
    ahead = (moment.date() - now.date()).days
    form = {0: "today", 1: "tomorrow"}.get(ahead, "other")
    day = str(format_date(moment.date(), said["day"], locale=language))
    text: str = said[form].format(time=said_time(moment, language), day=day)
    return text


@dataclass(frozen=True, slots=True)
class _Words:
    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    halves: Mapping[str, int]
    """The hour that a half of the day begins with."""
    fixed: Mapping[str, int]
    before: Sequence[tuple[re.Pattern[str], int]]
    """What stands before an hour, and how many minutes it adds."""
    behind: Sequence[tuple[re.Pattern[str], int]]
    """The same behind it."""
    oclock: re.Pattern[str]
    less: re.Pattern[str]
    past: re.Pattern[str]
    to: re.Pattern[str]
    ignored: frozenset[str]
    this: frozenset[str]
    """Parts of today."""
    evening: re.Pattern[str]
    night: re.Pattern[str]
    twelve_hours: bool


def _time_of(text: str, words: _Words) -> tuple[int, int, bool]:
    """Hour, minute, and whether that is certain as it stands."""
    if text in words.fixed:
        return words.fixed[text], 0, True
    for pattern, minutes in words.before:
        if found := pattern.match(text):
            return _moved(text[found.end() :], minutes, words)
    for pattern, sign in ((words.past, 1), (words.to, -1)):
        parts = pattern.split(text, maxsplit=1)
        if len(parts) == 2 and parts[0].strip().isdigit():
            return _moved(parts[1], sign * int(parts[0]), words)
    if words.twelve_hours and (found := _BEFORE.fullmatch(text)):
        return _moved(found[2], -int(found[1]), words)
    for pattern, minutes in words.behind:
        if found := pattern.search(text):
            return _moved(text[: found.start()], minutes, words)
    parts = words.less.split(text, maxsplit=1)
    if len(parts) == 2 and parts[1].strip().isdigit():
        return _moved(parts[0], -int(parts[1]), words)
    text = words.oclock.sub(" ", text)
    found = _CLOCK.fullmatch(" ".join(text.split()))
    if not found:
        raise ValueError("this is no time of day")
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 24 or minute > 59:
        raise ValueError("there is no such time of day")
    return hour, minute, hour == 0


def _moved(text: str, minutes: int, words: _Words) -> tuple[int, int, bool]:
    if not -60 < minutes < 60:
        raise ValueError("an hour has sixty minutes")
    hour, minute, is_certain = _time_of(text.strip(), words)
    hours, minute = divmod(minute + minutes, 60)
    return (hour + hours) % 24, minute, is_certain


def _again(text: str, language: str) -> tuple[str, Weekdays, int | None]:
    """``text`` without the days that come again in it, these, and their half of the day."""
    found = recurrence_in(text, language)
    if found is None:
        return text, (), None
    return found.without(text), found.weekdays, found.half


def _taken(text: str, known: Mapping[str, int]) -> tuple[str, int | None]:
    """``text`` without the first of ``known`` that is in it, and what that stands for."""
    for name in sorted(known, key=len, reverse=True):
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        if found:
            return f"{text[: found.start()]} {text[found.end() :]}".strip(), known[name]
    return text, None


def _local(now: datetime, days: int, at: time) -> datetime:
    """A time of day so many days after ``now``, by the rules that hold there on that day."""
    naive = datetime.combine(now.date() + timedelta(days=days), at)
    if isinstance(now.tzinfo, ZoneInfo):
        return naive.replace(tzinfo=now.tzinfo)
    return naive.astimezone()


def _table(language: str) -> Mapping[str, Any]:
    return read_table(language, "moments") or read_table(ENGLISH, "moments")


@functools.cache
def load_moments(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    load_recurrences(language)
    table = _table(language)

    def names(key: str) -> list[str]:
        found: list[str] = [one.replace("-", " ") for one in table.get(key, [])]
        return found

    days = {"today": 0, "tomorrow": 1, "after_tomorrow": 2}
    return _Words(
        {name: ahead for key, ahead in days.items() for name in names(key)},
        {name: at for at, name in enumerate(names("weekdays"))},
        {**dict.fromkeys(names("morning"), 0), **dict.fromkeys(names("afternoon"), _HALF_DAY)},
        {**dict.fromkeys(names("noon"), 12), **dict.fromkeys(names("midnight"), 0)},
        tuple(
            (_any_of(names(key), r"^(?:{}) "), minutes)
            for key, minutes in (("half_past", 30), ("quarter_past", 15), ("quarter_to", -15))
            if names(key)
        ),
        tuple(
            (_any_of(names(key), r" (?:{})$"), minutes)
            for key, minutes in (("half_behind", 30), ("quarter_behind", 15), ("quarter_less", -15))
            if names(key)
        ),
        _any_of(names("oclock"), r"(?<![^\W\d])(?:{})(?![^\W\d])"),
        _any_of(names("less"), r" (?:{}) "),
        _any_of(names("past"), r" (?:{}) "),
        _any_of(names("to"), r" (?:{}) "),
        frozenset(names("next")),
        frozenset(names("this")),
        _any_of(names("evening"), r"(?<!\w)(?:{})(?!\w)"),
        _any_of(names("night"), r"(?<!\w)(?:{})(?!\w)"),
        bool(table["twelve_hours"]),
    )


def _any_of(phrases: Sequence[str], form: str) -> re.Pattern[str]:
    """Never matches where there are no phrases."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(form.format("|".join(map(re.escape, longest_first)) or r"(?!)"))
