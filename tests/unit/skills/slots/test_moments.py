"""Moments, understood and said."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from heisenberg.skills.slots.moments import Moment, said_moment

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 29, 14, 5, tzinfo=PARIS)
"""A Sunday."""


def _after(text: str, language: str = "en", now: datetime = NOW) -> str:
    return Moment.read(text, language).after(now).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", "Sun 29 19:00"),
        ("seven thirty", "Sun 29 19:30"),
        ("730", "Sun 29 19:30"),
        ("seven-thirty", "Sun 29 19:30"),
        ("10-8 tomorrow morning", "Mon 30 07:50"),
        ("1130 pm", "Sun 29 23:30"),
        ("7:30 pm", "Sun 29 19:30"),
        ("6:30 a.m.", "Mon 30 06:30"),
        ("19:15", "Sun 29 19:15"),
        ("half past six", "Sun 29 18:30"),
        ("half six", "Sun 29 18:30"),
        ("a quarter to seven", "Sun 29 18:45"),
        ("quarter past three", "Sun 29 15:15"),
        ("ten to seven", "Sun 29 18:50"),
        ("twenty past seven", "Sun 29 19:20"),
        ("7 o'clock", "Sun 29 19:00"),
        ("two", "Mon 30 02:00"),
        ("noon", "Mon 30 12:00"),
        ("midnight", "Mon 30 00:00"),
        ("seven in the morning", "Mon 30 07:00"),
        ("tonight at eight", "Sun 29 20:00"),
        ("tomorrow at seven", "Mon 30 07:00"),
        ("tomorrow at five", "Mon 30 17:00"),
        ("tomorrow morning at six thirty", "Mon 30 06:30"),
        ("the day after tomorrow at noon", "Tue 01 12:00"),
        ("friday at 3 pm", "Fri 04 15:00"),
        ("on Sunday at 8 pm", "Sun 29 20:00"),
        ("sunday at 9 am", "Sun 06 09:00"),
    ],
)
def test_in_english(text: str, found: str) -> None:
    assert _after(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7 heures", "Mon 30 07:00"),
        ("7h30", "Mon 30 07:30"),
        ("sept heures et demie", "Mon 30 07:30"),
        ("sept heures et quart", "Mon 30 07:15"),
        ("demain à huit heures moins le quart", "Mon 30 07:45"),
        ("huit heures moins dix", "Mon 30 07:50"),
        ("vingt heures quinze", "Sun 29 20:15"),
        ("sept heures du soir", "Sun 29 19:00"),
        ("ce soir à huit heures", "Sun 29 20:00"),
        ("ce soir à vingt et une heures", "Sun 29 21:00"),
        ("demain matin à six heures trente", "Mon 30 06:30"),
        ("après-demain à midi", "Tue 01 12:00"),
        ("lundi à neuf heures", "Mon 30 09:00"),
        ("minuit", "Mon 30 00:00"),
    ],
)
def test_in_french(text: str, found: str) -> None:
    assert _after(text, "fr") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25",
        "7:75",
        "quarter past",
        "tomorrow",
        "13 pm",
        "99 past 3",
        "7 8 9",
        "790",
        "99999",
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Moment.read(text, "en")


def test_what_has_passed_is_said_to_have() -> None:
    with pytest.raises(ValueError, match="passed"):
        Moment.read("today at 9 am", "en").after(NOW)


def test_a_clock_that_was_moved_in_the_night_moves_no_morning() -> None:
    before = datetime(2026, 10, 24, 22, 0, tzinfo=PARIS)
    rings = Moment.read("seven in the morning", "en").after(before)
    assert rings.strftime("%a %d %H:%M") == "Sun 25 07:00"
    assert rings.timestamp() - before.timestamp() == 10 * 3600


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "tomorrow at half past six", "tomorrow at 6:30 AM"),
        ("en", "seven", "today at 7:00 PM"),
        ("en", "friday at noon", "Friday, December 4 at 12:00 PM"),
        ("fr", "demain à sept heures", "demain à 7 heures"),
        ("fr", "vendredi à 9h30", "vendredi 4 décembre à 9 heures 30"),
    ],
)
def test_as_they_are_said(language: str, text: str, said: str) -> None:
    assert said_moment(Moment.read(text, language).after(NOW), NOW, language) == said
