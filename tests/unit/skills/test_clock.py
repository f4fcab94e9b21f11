"""What time it is."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heisenberg.skills.base import Home
from heisenberg.skills.clock import Clock
from heisenberg.skills.repertoire import Repertoire

NOW = datetime(2026, 11, 29, 14, 5, tzinfo=ZoneInfo("Europe/Paris"))


async def _said(text: str, now: datetime = NOW) -> str | None:
    languages = ("en", "fr")
    skills = [await asyncio.to_thread(Clock, Home(languages, Path()))]
    can = await asyncio.to_thread(Repertoire, skills, languages, lambda: now)
    match = can.find(text)
    return None if match is None else await can.run(match)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What time is it?", "It's 2:05 PM."),
        ("Can you tell me what time it is, please?", "It's 2:05 PM."),
        ("What's the time right now?", "It's 2:05 PM."),
        ("What time is it in Tokyo?", "In Tokyo it's 10:05 PM."),
        ("What's the time in New York right now?", "In New York it's 8:05 AM."),
        ("What time is it in Japan?", "In Japan it's 10:05 PM."),
        ("What time is it in Auckland?", "In Auckland it's 2:05 AM, Monday."),
        (
            "What time is it in the United States?",
            "the United States has more than one time. Name a city.",
        ),
        ("What time is it in Narnia?", "I don't know the time in Narnia."),
        ("What day is it today?", "It's Sunday, November 29, 2026."),
        ("What's today's date?", "It's Sunday, November 29, 2026."),
        ("Which week is it?", "It's week 48."),
        ("What year is it?", "It's 2026."),
        ("Quelle heure est-il ?", "Il est 14 heures 5."),
        ("Il est quelle heure à Londres ?", "Londres : il est 13 heures 5."),
        ("Quelle heure est-il au Japon, s'il te plaît ?", "Japon : il est 22 heures 5."),
        ("What's the date on Friday?", "That is Friday, December 4, 2026."),
        ("What date is it on Sunday?", "That is Sunday, December 6, 2026."),
        ("What day is tomorrow?", "That is Monday, November 30, 2026."),
        ("Quelle est la date de vendredi ?", "C'est le vendredi 4 décembre 2026."),
        ("Quel jour on sera demain ?", "C'est le lundi 30 novembre 2026."),
        ("Quel jour sommes-nous ?", "Nous sommes le dimanche 29 novembre 2026."),
    ],
)
async def test_it_tells_time_and_date(asked: str, said: str) -> None:
    assert await _said(asked) == said


async def test_on_the_hour_no_minutes_are_said_in_french() -> None:
    assert await _said("L'heure ?", NOW.replace(minute=0)) == "Il est 14 heures."


@pytest.mark.parametrize(
    "asked",
    [
        "What time does the shop open?",
        "What is the time complexity of quicksort?",
        "What time is it usually dark in winter?",
        "What was the date of the moon landing?",
        "Quelle heure te convient ?",
    ],
)
async def test_other_questions_about_time_are_not_its_business(asked: str) -> None:
    assert await _said(asked) is None
