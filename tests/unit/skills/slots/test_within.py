"""Slots whose words stand out, wherever they are in what was said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heisenberg.skills.base import Call
from heisenberg.skills.calculator.sums import Sum
from heisenberg.skills.slots.made_up import are_made_up
from heisenberg.skills.slots.moments import Moment
from heisenberg.skills.slots.within import slots_within
from heisenberg.skills.timers.reminder import Reminder, When

_ANY_TIME = When()


async def _wake(call: Call, at: Moment) -> str:
    del call, at
    return ""


async def _time(call: Call, duration: timedelta, name: str = "") -> str:
    del call, duration, name
    return ""


async def _put(call: Call, item: str, where: str = "") -> str:
    del call, item, where
    return ""


@pytest.mark.parametrize(
    ("language", "said", "at"),
    [
        ("en", "I want to get up at half past six, please", "at half past six"),
        ("en", "Tomorrow I start work early, so ring at five.", "Tomorrow at five"),
        ("en", "Ring at five, I fly on Thursday", "on Thursday at five"),
        ("en", "Tomorrow at five I fly on Thursday's ticket", "Tomorrow at five"),
        ("en", "I have two cats and want to be up at 6:30", "at 6:30"),
        ("fr", "J'ai un avion samedi, tire-moi du lit à quatre heures", "samedi à quatre heures"),
        ("en", "I want to get up early", ""),
    ],
)
def test_a_moment_is_found_and_its_day_may_stand_apart(language: str, said: str, at: str) -> None:
    assert slots_within(_wake, said, language) == {"at": at}


async def _compute(call: Call, what: Sum) -> str:
    del call, what
    return ""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("What a 17% of 240%", {"what": "17% of 240%"}),
        ("So then what would twelve times eleven be", {"what": "twelve times eleven"}),
        ("20 percent of 150 if you take ten off", {}),
        ("I have three apples and buy four", {}),
    ],
)
def test_a_sum_is_found_if_it_holds_every_number(said: str, found: dict[str, str]) -> None:
    assert slots_within(_compute, said, "en") == found


def test_what_any_words_fit_is_left_to_others() -> None:
    found = slots_within(_time, "The rice needs a quarter of an hour more", "en")
    assert found.keys() == {"duration"}


@pytest.mark.parametrize(
    ("item", "said", "made_up"),
    [
        ("apples", "There is not one apple left", False),
        ("oat milk", "We're out of oat milk", False),
        ("my blue jacket", "Your blue jackets must go to the cleaner", False),
        ("apple", "Name three kinds of fruit", True),
        ("a bag of sugar", "We're out of salt", True),
    ],
)
def test_what_is_taken_as_it_is_said_must_have_been_said(
    item: str, said: str, *, made_up: bool
) -> None:
    assert are_made_up(_put, {"item": item, "where": "shopping"}, said, "en") is made_up


@pytest.mark.parametrize(
    ("said", "what", "made_up"),
    [
        ("Split ninety euros among three of us", "90 / 3", False),
        ("I had twelve and got thirty more", "12 + 30", False),
        ("I had twelve and got twelve more", "12 + 12", False),
        ("Put fifty into the piggy bank", "50 + 50", True),
        ("Put fifty into the piggy bank", "50 + 45", True),
        ("Send a hundred euros to my daughter", "100 / 2", True),
    ],
)
def test_nothing_is_computed_of_numbers_that_were_not_said(
    said: str, what: str, *, made_up: bool
) -> None:
    assert are_made_up(_compute, {"what": what}, said, "en") is made_up


async def _remind(call: Call, what: Reminder, when: When = _ANY_TIME) -> str:
    del call, what, when
    return ""


@pytest.mark.parametrize(
    ("said", "what", "made_up"),
    [
        ("Don't forget to feed the fish", "at 6 pm to feed the fish", True),
        ("Don't forget to feed the fish at six", "at 6 pm to feed the fish", False),
        ("Feed the fish at quarter past eight, say so", "at 8:15 pm to feed the fish", False),
        ("Tell me to take two pills", "to take 2 pills", False),
    ],
)
def test_nobody_is_reminded_at_a_time_that_was_not_said(
    said: str, what: str, *, made_up: bool
) -> None:
    texts = {"what": what, **slots_within(_remind, said, "en")}
    assert are_made_up(_remind, texts, said, "en") is made_up
