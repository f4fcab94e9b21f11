"""What a weather service answers, on a ``Website``."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.fakes.website import Website

LYON: Final = {"name": "Lyon", "latitude": 45.74846, "longitude": 4.84671, "country": "France"}
FORECAST: Final[dict[str, Any]] = {
    "current": {"temperature_2m": 11.6, "weather_code": 2},
    "daily": {
        # From a Sunday on.
        "time": [f"2026-{day}" for day in ("11-29", "11-30", *(f"12-0{n}" for n in range(1, 7)))],
        "weather_code": [3, 63, 0, 61, 71, 95, 45, 1],
        "temperature_2m_min": [5.4, 6.2, -3.6, 1.0, -0.4, 4.0, 2.0, 3.0],
        "temperature_2m_max": [13.5, 9.7, 2.0, 6.0, 0.4, 8.0, 7.0, 9.0],
        "precipitation_probability_max": [10, 85, 0, 45, None, 60, 5, 0],
    },
}


def where(name: str, language: str = "en") -> str:
    """What is asked to find a place."""
    return f"/v1/search?name={name}&count=1&language={language}&format=json"


def weather(latitude: str = "45.75", longitude: str = "4.85") -> str:
    """What is asked to learn its weather."""
    return (
        f"/v1/forecast?latitude={latitude}&longitude={longitude}"
        "&current=temperature_2m%2Cweather_code"
        "&daily=weather_code%2Ctemperature_2m_min%2Ctemperature_2m_max"
        "%2Cprecipitation_probability_max&timezone=auto&forecast_days=8"
    )


def serve_weather(site: Website, asked: str = "Lyon", **place: Any) -> None:
    """It knows one place, in English and in French, and the weather there."""
    found = json.dumps({"results": [{**LYON, **place}]}).encode()
    for language in ("en", "fr"):
        site.put(where(asked, language), found)
    site.put(weather(), json.dumps(FORECAST).encode())
