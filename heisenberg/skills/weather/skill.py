"""The weather, asked for in words. What is asked leaves the machine."""

from __future__ import annotations

import asyncio
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.service import Nonsense, ServiceFailed
from heisenberg.skills.weather.asked import NAME, AskedDay, Spot, load_days
from heisenberg.skills.weather.open_meteo import OpenMeteo
from heisenberg.skills.weather.telling import Found, told
from heisenberg.skills.words import SkillWords

_TIMEOUT_S: Final = 20.0
"""More than two questions to the service take."""
_LIKELY: Final = 60
_POSSIBLE: Final = 30
"""Percent."""
_WET: Final = 50
"""From this code on something falls from the sky."""
_HERE: Final = Spot()
_TODAY: Final = AskedDay()
_ABOUT: Final = {
    "forecast": "Tell the weather: now, today, tomorrow or on a day of the week, in any town",
    "rain": "Tell whether it will rain: today, tomorrow or on a day of the week, in any town",
    "raining": "Tell whether it is raining now, in any town",
    "temperature": "Tell the temperature outside: now or on a day, in any town",
}


class Weather:
    """A ``Skill``. Nothing it does is pure: half a question must not be asked of a stranger."""

    name = NAME

    def __init__(self, home: Home, service: OpenMeteo | None = None) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._home = home.place.strip()
        self._service = service or OpenMeteo()
        for language in home.languages:
            load_days(language)
        runs: dict[str, Run] = {
            "forecast": self._forecast,
            "rain": self._rain,
            "raining": self._raining,
            "temperature": self._temperature,
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                timeout_s=_TIMEOUT_S,
                about=_ABOUT[name],
                amend=run,  # it changes nothing
            )
            for name, run in runs.items()
        )

    async def _forecast(self, call: Call, place: Spot = _HERE, day: AskedDay = _TODAY) -> str:
        found = await self._asked(call, place, day)
        return await self._say(call, "day" if found.ahead else "now_and_today", found)

    async def _rain(self, call: Call, place: Spot = _HERE, day: AskedDay = _TODAY) -> str:
        found = await self._asked(call, place, day)
        percent = found.day.rain_percent
        if percent is None:
            return await self._say(call, "day", found)
        reply = "rain_possible" if percent >= _POSSIBLE else "rain_unlikely"
        return await self._say(call, "rain_likely" if percent >= _LIKELY else reply, found)

    async def _raining(self, call: Call, place: Spot = _HERE) -> str:
        found = await self._asked(call, place, _TODAY)
        return await self._say(call, "wet" if found.forecast.sky > _WET else "dry", found)

    async def _temperature(self, call: Call, place: Spot = _HERE, day: AskedDay = _TODAY) -> str:
        found = await self._asked(call, place, day)
        return await self._say(call, "warm" if found.ahead else "warm_now", found)

    async def _asked(self, call: Call, spot: Spot, day: AskedDay) -> Found:
        """What the service says. Raises ``SkillError``."""
        name = spot.name or self._home
        if not name:
            raise SkillError(self._words.say(call.language, "no_home"))
        try:
            place = await self._service.place(name, call.language)
            if place is None:
                raise SkillError(self._words.say(call.language, "no_such_place", place=name))
            forecast = await self._service.forecast(place)
        except ServiceFailed as exc:
            raise SkillError(self._words.say(call.language, exc.reply)) from exc
        ahead = (spot.day or day).index([one.date for one in forecast.days])
        if ahead is None:
            raise SkillError(self._words.say(call.language, Nonsense.reply))
        country = f", {place.country}" if spot.name and place.country else ""
        return Found(f"{place.name}{country}", forecast, ahead)

    async def _say(self, call: Call, reply: str, found: Found) -> str:
        values = await asyncio.to_thread(told, found, call.language)
        chance = ""
        if found.day.rain_percent is not None:
            chance = self._words.say(call.language, "chance", **values)
        return self._words.say(call.language, reply, **values, chance=chance)
