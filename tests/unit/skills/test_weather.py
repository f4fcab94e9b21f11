"""The weather, of a service on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.weather.open_meteo import OpenMeteo
from heisenberg.skills.weather.skill import Weather
from tests.fakes.forecasts import FORECAST, serve_weather, weather, where
from tests.fakes.skills import answer, repertoire
from tests.fakes.website import Website, closed_port, website

LANGUAGES = ("en", "fr")
NONSENSE = "The weather service gave no answer that can be used. Try again later."


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as running:
        serve_weather(running)
        yield running


async def _can(url: str, place: str = "Lyon", timeout_s: float = 30.0) -> Repertoire:
    home = Home(LANGUAGES, Path(), place=place)
    skill = await asyncio.to_thread(Weather, home, OpenMeteo(url, url, timeout_s))
    return await repertoire(skill, languages=LANGUAGES)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "What's the weather like?",
            "In Lyon it's 12 degrees, partly cloudy. "
            "Today: overcast, from 5 to 14 degrees, chance of rain 10 percent.",
        ),
        (
            "How's the weather going to be tomorrow?",
            "Tomorrow in Lyon: rain, from 6 to 10 degrees, chance of rain 85 percent.",
        ),
        (
            "What's the forecast for Tuesday?",
            "On Tuesday in Lyon: clear sky, from minus 4 to 2 degrees, chance of rain 0 percent.",
        ),
        (
            "Weather on Thursday",
            "On Thursday in Lyon: light snow, from 0 to 0 degrees.",
        ),
        (
            "Will it rain tomorrow?",
            "Yes, probably: tomorrow in Lyon the chance of rain is 85 percent.",
        ),
        (
            "Do I need an umbrella on Wednesday?",
            "Perhaps: on Wednesday in Lyon the chance of rain is 45 percent.",
        ),
        (
            "Is it going to rain today?",
            "Probably not: today in Lyon the chance of rain is 10 percent.",
        ),
        ("Is it raining?", "No: partly cloudy in Lyon."),
        ("How cold is it outside?", "In Lyon it's 12 degrees. Today from 5 to 14 degrees."),
        ("How warm will it be tomorrow?", "Tomorrow in Lyon: from 6 to 10 degrees."),
        (
            "Quel temps fait-il ?",
            "Lyon : 12 degrés, ciel partiellement nuageux. "
            "Aujourd'hui : ciel couvert, de 5 à 14 degrés, risque de pluie 10 pour cent.",
        ),
        (
            "Va-t-il pleuvoir demain ?",
            "Oui, sans doute. Lyon, demain : le risque de pluie est de 85 pour cent.",
        ),
        (
            "Quelle est la météo de mardi ?",
            "Lyon, mardi : ciel dégagé, de moins 4 à 2 degrés, risque de pluie 0 pour cent.",
        ),
        ("Il fait combien dehors ?", "Lyon : 12 degrés. Aujourd'hui de 5 à 14 degrés."),
        ("Est-ce qu'il pleut ?", "Non. Lyon : ciel partiellement nuageux."),
    ],
)
async def test_at_home(asked: str, said: str, site: Website) -> None:
    assert await answer(await _can(site.url), asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("How warm is it in New York?", "In New York, United States it's 12 degrees."),
        ("What's the temperature in New York?", "In New York, United States it's 12 degrees."),
        ("How warm will it be tomorrow in New York?", "Tomorrow in New York, United States: from"),
        ("How warm will it be in New York tomorrow?", "Tomorrow in New York, United States: from"),
        ("Is it raining in New York?", "No: partly cloudy in New York, United States."),
        ("Quel temps fera-t-il demain à New York ?", "New York, United States, demain : pluie, de"),
        ("Quel temps va-t-il faire à New York demain ?", "New York, United States, demain : pluie"),
    ],
)
async def test_elsewhere(asked: str, said: str, site: Website) -> None:
    serve_weather(site, "New+York", name="New York", country="United States")
    found = await answer(await _can(site.url, place=""), asked)
    assert found is not None
    assert found.startswith(said)


async def test_what_leaves_the_machine_is_a_place_and_no_more(site: Website) -> None:
    can = await _can(site.url)
    assert not site.asked
    await answer(can, "Hey, could you please tell me what the weather is like tomorrow?")
    assert not site.asked
    await answer(can, "What's the weather like tomorrow in Lyon?")
    assert [one.path for one in site.asked] == [where("Lyon"), weather("45.75", "4.85")]


async def test_who_was_misheard_says_it_again(site: Website) -> None:
    serve_weather(site, "Leon", name="León", country="Spain")
    talk = Dialogue(await _can(site.url))
    said = []
    for asked in ("How warm will it be tomorrow in Leon?", "I meant Lyon.", "and on Tuesday?"):
        wish = talk.find(asked)
        assert wish is not None
        said += [done.text for done in await talk.act(wish)]
        talk.remember(wish.said)
    assert said == [
        "Tomorrow in León, Spain: from 6 to 10 degrees.",
        "Tomorrow in Lyon, France: from 6 to 10 degrees.",
        "On Tuesday in Lyon, France: from minus 4 to 2 degrees.",
    ]


async def test_half_a_question_is_asked_of_nobody() -> None:
    skill = await asyncio.to_thread(Weather, Home(LANGUAGES, Path(), place="Lyon"))
    assert not any(action.pure for action in skill.actions)


async def test_who_has_said_no_place_is_told_how(site: Website) -> None:
    assert await answer(await _can(site.url, place=" "), "What's the weather like?") == (
        "I don't know where we are. Say a place, as in: the weather in Lyon; or set skills.place."
    )
    assert not site.asked


async def test_a_place_that_is_not_there_is_told(site: Website) -> None:
    site.put(where("Narnia"), b'{"generationtime_ms": 0.5}')
    assert await answer(await _can(site.url), "How warm is it in Narnia?") == (
        "I know no place called Narnia."
    )


async def test_without_a_connection() -> None:
    can = await _can(f"http://127.0.0.1:{closed_port()}")
    assert await answer(can, "Will it rain?") == (
        "The weather service can't be reached. Look whether the internet connection works."
    )
    assert await answer(can, "Est-ce qu'il pleut ?") == (
        "Le service météo est injoignable. Regardez si la connexion à internet fonctionne."
    )


async def test_one_that_is_too_slow_is_given_up(site: Website) -> None:
    site.put(where("Lyon"), b'{"results": []}', stalls_after=5)
    can = await _can(site.url, timeout_s=0.05)
    assert await answer(can, "Will it rain?") == (
        "The weather service took too long to answer. Try again in a moment."
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please log in</html>",
        b"[]",
        b'{"results": 7}',
        b'{"results": [{"name": "Lyon"}]}',
        b'{"results": [{"name": "Lyon", "latitude": 4000, "longitude": 4.8}]}',
        b'{"results": [{"name": "Lyon", "latitude": NaN, "longitude": 4.8}]}',
        b" " * 300_000,
    ],
)
async def test_nonsense_about_a_place(body: bytes, site: Website) -> None:
    site.put(where("Lyon"), body)
    assert await answer(await _can(site.url), "Will it rain?") == NONSENSE


@pytest.mark.parametrize(
    "changed",
    [
        {"current": None},
        {"current": {"temperature_2m": 900, "weather_code": 2}},
        {"current": {"temperature_2m": "warm", "weather_code": 2}},
        {"daily": {**FORECAST["daily"], "time": []}},
        {"daily": {**FORECAST["daily"], "weather_code": [1]}},
        {"daily": {**FORECAST["daily"], "weather_code": [1000] * 8}},
        {"daily": {name: values[:1] for name, values in FORECAST["daily"].items()}},
    ],
)
async def test_nonsense_about_the_weather(changed: dict[str, Any], site: Website) -> None:
    site.put(weather(), json.dumps(FORECAST | changed).encode())
    assert await answer(await _can(site.url), "Will it rain tomorrow?") == NONSENSE


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
async def test_a_service_that_refuses(status: int, site: Website) -> None:
    site.put(weather(), b"", status=status, location=site.url if status == 302 else "")
    assert await answer(await _can(site.url), "Will it rain?") == NONSENSE


@pytest.mark.parametrize(
    "asked",
    [
        "The weather was nice yesterday.",
        "The weather in Paris was lovely.",
        "What's the weather like on Mars?",
        "The forecast was wrong again.",
        "I love the rain.",
        "What is the difference between weather and climate?",
        "What is the temperature of the sun?",
        "How hot is the machine?",
        "How does rain form?",
        "Is it true?",
        "Quel temps fait-il sur Mars ?",
        "La météo s'est encore trompée.",
        "J'ai le temps.",
        "Quelle est la température du soleil ?",
    ],
)
async def test_who_talks_about_the_weather_is_not_asking_for_it(asked: str, site: Website) -> None:
    assert await answer(await _can(site.url), asked) is None
