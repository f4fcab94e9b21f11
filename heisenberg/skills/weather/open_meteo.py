"""Open-Meteo, which tells the weather to anybody, without a key.

What leaves the machine: the name of a place, and then where that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from heisenberg.skills.service import Nonsense, Question, ask

_PLACES: Final = "https://geocoding-api.open-meteo.com"
_FORECASTS: Final = "https://api.open-meteo.com"
_TIMEOUT_S: Final = 8.0
_DAYS: Final = 8
"""From today to the same day of the next week."""

_Degrees = Annotated[float, Field(ge=-100, le=70, allow_inf_nan=False)]
_Code = Annotated[int, Field(ge=0, le=99)]
_Percent = Annotated[int, Field(ge=0, le=100)]


class Place(BaseModel):
    """A place, as it is called in the language that was asked in."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=100)
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    country: str = Field("", max_length=100)


@dataclass(frozen=True, slots=True)
class Day:
    """``sky`` is a code of the WMO (table 4677), ``rain_percent`` how likely rain is, if known;
    temperatures are in degrees Celsius."""

    date: date
    sky: int
    low: float
    high: float
    rain_percent: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The weather now, and on the next days, today first."""

    sky: int
    temperature: float
    days: tuple[Day, ...]


class _Places(BaseModel):
    results: list[Place] = []


class _Now(BaseModel):
    temperature_2m: _Degrees
    weather_code: _Code


class _Days(BaseModel):
    time: list[date] = Field(min_length=1)
    weather_code: list[_Code]
    temperature_2m_min: list[_Degrees]
    temperature_2m_max: list[_Degrees]
    precipitation_probability_max: list[_Percent | None]


class _Weather(BaseModel):
    current: _Now
    daily: _Days


class OpenMeteo:
    """Each question raises ``ServiceFailed``."""

    def __init__(
        self,
        places: str = _PLACES,
        forecasts: str = _FORECASTS,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._places = places
        self._forecasts = forecasts
        self._timeout_s = timeout_s

    async def place(self, name: str, language: str) -> Place | None:
        """Where ``name`` is; of several the largest."""
        asked = {"name": name, "count": "1", "language": language, "format": "json"}
        question = Question(f"{self._places}/v1/search", asked)
        found = await ask(question, _Places, self._timeout_s)
        return found.results[0] if found.results else None

    async def forecast(self, place: Place) -> Forecast:
        asked = {
            "latitude": f"{place.latitude:.2f}",
            "longitude": f"{place.longitude:.2f}",
            "current": "temperature_2m,weather_code",
            "daily": "weather_code,temperature_2m_min,temperature_2m_max,"
            "precipitation_probability_max",
            "timezone": "auto",
            "forecast_days": str(_DAYS),
        }
        question = Question(f"{self._forecasts}/v1/forecast", asked)
        found = await ask(question, _Weather, self._timeout_s)
        daily = found.daily
        try:
            days = [
                Day(*day)
                for day in zip(
                    daily.time,
                    daily.weather_code,
                    daily.temperature_2m_min,
                    daily.temperature_2m_max,
                    daily.precipitation_probability_max,
                    strict=True,
                )
            ]
        except ValueError as exc:
            raise Nonsense from exc
        return Forecast(found.current.weather_code, found.current.temperature_2m, tuple(days))
