"""Durations, understood and said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heisenberg.skills.slots.durations import duration_of, said_duration

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("language", "text", "seconds"),
    [
        ("en", "10 minutes", 10 * MINUTE),
        ("en", "twenty-five minutes", 25 * MINUTE),
        ("en", "a minute", MINUTE),
        ("en", "an hour and a half", 90 * MINUTE),
        ("en", "half an hour", 30 * MINUTE),
        ("en", "a quarter of an hour", 15 * MINUTE),
        ("en", "three quarters of an hour", 45 * MINUTE),
        ("en", "two and a half hours", 150 * MINUTE),
        ("en", "2.5 hours", 150 * MINUTE),
        ("en", "ninety seconds", 90),
        ("en", "five more minutes", 5 * MINUTE),
        ("en", "three-minute", 3 * MINUTE),
        ("en", "another minute", MINUTE),
        ("fr", "encore deux minutes", 2 * MINUTE),
        ("fr", "deux minutes de plus", 2 * MINUTE),
        ("en", "1 hour, 20 minutes and 5 seconds", HOUR + 20 * MINUTE + 5),
        ("en", "one hour thirty minutes.", 90 * MINUTE),
        ("en", "a day and a half", 36 * HOUR),
        ("fr", "dix minutes", 10 * MINUTE),
        ("fr", "une heure et demie", 90 * MINUTE),
        ("fr", "une demi-heure", 30 * MINUTE),
        ("fr", "un quart d'heure", 15 * MINUTE),
        ("fr", "trois quarts d'heure", 45 * MINUTE),
        ("fr", "1 h 30 min", 90 * MINUTE),
        ("fr", "quatre-vingt-dix secondes", 90),
        ("fr", "deux jours et demi", 60 * HOUR),
    ],
)
def test_as_people_say_them(language: str, text: str, seconds: int) -> None:
    assert duration_of(text, language) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "ten",
        "minutes",
        "and a half",
        "5 minutes 2 hours",
        "0 minutes",
        "900 days",
        "5 apples",
        "more",
        "another",
    ],
)
def test_what_is_no_duration_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        duration_of(text, "en")


@pytest.mark.parametrize(
    ("language", "seconds", "said"),
    [
        ("en", 60, "1 minute"),
        ("en", 3605, "1 hour and 5 seconds"),
        ("en", 93784, "1 day, 2 hours, 3 minutes and 4 seconds"),
        ("en", 0, "0 seconds"),
        ("fr", 5400, "1 heure et 30 minutes"),
        ("sv", 120, "2 minutes"),
    ],
)
def test_as_they_are_said(language: str, seconds: int, said: str) -> None:
    assert said_duration(timedelta(seconds=seconds), language) == said
