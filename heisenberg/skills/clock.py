"""The clock: what time and what day it is, here and in other places."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.slots.moments import Moment, said_time
from heisenberg.skills.slots.places import SeveralZones, load_places, zone_of
from heisenberg.skills.words import SkillWords, read_table

NAME: Final = "clock"

_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is so many ``days`` from today, or the next one that is that ``weekday``."""

    days: int | None
    weekday: int | None

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError``, also for several days."""
        moment = Moment.read_day(text, language)
        if moment.again:
            raise ValueError("this is no single day")
        return cls(moment.days, moment.weekday)

    def after(self, now: datetime) -> datetime:
        """A moment of that day."""
        days = self.days
        if self.weekday is not None:
            days = (self.weekday - now.weekday() - 1) % _WEEK + 1
        return now + timedelta(days=days or 0)


class Clock:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        languages = home.languages
        self._words = SkillWords.load(NAME, languages)
        for language in languages:
            load_places(language)
        runs: dict[str, Run] = {
            "time": self._time,
            "time_in": self._time_in,
            "date": self._date,
            "date_of": self._date_of,
            "week": self._week,
            "year": self._year,
        }
        self.actions = tuple(
            Action(name, run, self._words.sentences(name, languages), pure=True)
            for name, run in runs.items()
        )

    async def _time(self, call: Call) -> str:
        time = await asyncio.to_thread(said_time, call.now, call.language)
        return self._words.say(call.language, "time", time=time)

    async def _time_in(self, call: Call, place: str) -> str:
        try:
            zone = await asyncio.to_thread(zone_of, place, call.language)
        except SeveralZones as exc:
            raise SkillError(self._words.say(call.language, "several_zones", place=place)) from exc
        if zone is None:
            raise SkillError(self._words.say(call.language, "no_such_place", place=place))
        there = call.now.astimezone(zone)
        reply = "time_in" if there.date() == call.now.date() else "time_in_other_day"
        return self._words.say(
            call.language,
            reply,
            place=place,
            time=await asyncio.to_thread(said_time, there, call.language),
            day=await _formatted(there, "day", call),
        )

    async def _date(self, call: Call) -> str:
        date = await _formatted(call.now, "date", call)
        return self._words.say(call.language, "date", date=date)

    async def _date_of(self, call: Call, day: Day) -> str:
        date = await _formatted(day.after(call.now), "date", call)
        return self._words.say(call.language, "date_of", date=date)

    async def _week(self, call: Call) -> str:
        return self._words.say(call.language, "week", week=str(call.now.isocalendar().week))

    async def _year(self, call: Call) -> str:
        return self._words.say(call.language, "year", year=str(call.now.year))


async def _formatted(moment: datetime, name: str, call: Call) -> str:
    """As ``[formats]`` of the language says."""
    pattern = read_table(call.language, NAME)["formats"][name]
    return await asyncio.to_thread(_format, moment, pattern, call.language)


def _format(moment: datetime, pattern: str, language: str) -> str:
    from babel.dates import format_datetime  # it reads files

    return str(format_datetime(moment, pattern, locale=language))
