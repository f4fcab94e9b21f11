"""How a forecast is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heisenberg.skills.weather.asked import NAME
from heisenberg.skills.weather.open_meteo import Day, Forecast
from heisenberg.skills.words import ENGLISH, read_table


@dataclass(frozen=True, slots=True)
class Found:
    """A forecast of a ``place``, and so many days ``ahead`` as was asked for."""

    place: str
    forecast: Forecast
    ahead: int

    @property
    def day(self) -> Day:
        return self.forecast.days[self.ahead]


def told(found: Found, language: str) -> dict[str, str]:
    """All that may be told, in words. Blocks to read files, once."""
    table = read_table(language, NAME) or read_table(ENGLISH, NAME)
    forecast, day = found.forecast, found.day
    return {
        "place": found.place,
        "day": _said_day(found, table, language),
        "now": _degrees(forecast.temperature, table),
        "sky_now": _sky(forecast.sky, table),
        "sky": _sky(day.sky, table),
        "low": _degrees(day.low, table),
        "high": _degrees(day.high, table),
        "percent": str(day.rain_percent),
    }


def _said_day(found: Found, table: Mapping[str, Any], language: str) -> str:
    from babel.dates import format_date

    near: list[str] = table["said"]["days"]
    if found.ahead < len(near):
        return near[found.ahead]
    name = format_date(found.day.date, "EEEE", locale=language)
    return str(table["said"]["weekday"].format(day=name))


def _degrees(temperature: float, table: Mapping[str, Any]) -> str:
    """Whole ones; "minus" as a word, whatever the voice makes of the sign."""
    whole = round(temperature)
    return f"{table['said']['minus']} {-whole}" if whole < 0 else str(whole)


def _sky(code: int, table: Mapping[str, Any]) -> str:
    """The nearest code below has a word, where this one has none."""
    known = {int(number): words for number, words in table["sky"].items()}
    return str(known[max(number for number in known if number <= code)])
