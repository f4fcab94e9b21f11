"""What is asked for as people speak and recognisers write, and several things at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from heisenberg.skills.base import Action, Call
from heisenberg.skills.understanding.matching import Understanding
from heisenberg.skills.understanding.spoken import Spoken


class _Kitchen:
    """Has a clock, sets timers and keeps a list."""

    name = "kitchen"

    def __init__(self, sentences: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self.actions = tuple(Action(name, _run, one) for name, one in sentences.items())


async def _run(call: Call, minutes: int = 0, items: str = "", place: str = "") -> str:
    raise NotImplementedError


ENGLISH = {
    "set": {
        "en": ["set a timer for {minutes} minutes"],
        "fr": ["mets un minuteur de {minutes} minutes"],
    },
    "time": {"en": ["what time is it", "tell me the time"], "fr": ["donne-moi l'heure"]},
    "time_in": {"en": ["what time is it in {place}"]},
    "add": {"en": ["add {items} to the shopping list"], "fr": ["ajoute {items} à la liste"]},
}


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding([_Kitchen(ENGLISH)], ("en", "fr"))


def _one(understanding: Understanding, text: str) -> tuple[str, object] | None:
    match = understanding.find(text)
    if match is None:
        return None
    return match.action.name, next(iter(match.slots.values()), None)


def _all(understanding: Understanding, text: str) -> list[str]:
    return [
        " ".join([one.action.name, *map(str, one.slots.values())])
        for one in understanding.find_all(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Uh, set a timer for five minutes.",
        "set a timer for, um, five minutes",
        "um could you uh set a timer for five minutes please",
        "Set a timer for five minutes, um...",
        "Euh, mets un minuteur de cinq minutes.",
        "mets un minuteur de, euh, cinq minutes",
    ],
)
def test_who_hesitates_asks_for_the_same(text: str, understanding: Understanding) -> None:
    assert _one(understanding, text) == ("set", 5)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Said a timer for five minutes.", 5),
        ("set a timer four five minutes", 5),
        ("Set a timer for for minutes.", 4),
        ("set a timer for to minutes", 2),
        ("I need a timer for five minutes.", 5),
        ("mais un minuteur de cinq minutes", 5),
        ("Mets un minuteur de cette minutes.", 7),
        ("Est-ce que tu peux mettre un minuteur de cinq minutes ?", 5),
        ("je voudrais un minuteur de cinq minutes s'il te plaît", 5),
    ],
)
def test_slips_of_the_recogniser_are_mended(
    text: str, minutes: int, understanding: Understanding
) -> None:
    assert _one(understanding, text) == ("set", minutes)


def test_what_is_polite_before_a_request_need_not_be_behind_it() -> None:
    spoken = Spoken.load("en")
    assert spoken.request("Well, add bread, please") == "add bread"
    assert spoken.request("Add bread as well") == "Add bread as well"


def test_what_fits_as_it_is_written_is_not_mended(understanding: Understanding) -> None:
    assert _one(understanding, "add timer four cakes to the shopping list") == (
        "add",
        "timer four cakes",
    )


@pytest.mark.parametrize(
    "text",
    ["um", "uh, er", "said a word", "mais un jour", "I need a timer", "and", "and then and"],
)
def test_slips_alone_ask_for_nothing(text: str, understanding: Understanding) -> None:
    assert _one(understanding, text) is None
    assert not understanding.find_all(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Set a timer for ten minutes and tell me the time.", ["set 10", "time"]),
        ("set a timer for ten minutes, and then what time is it", ["set 10", "time"]),
        ("Set a timer for ten minutes. What time is it in Rome?", ["set 10", "time_in Rome"]),
        (
            "add milk and eggs to the shopping list and set a timer for ten minutes",
            ["add milk and eggs", "set 10"],
        ),
        (
            "what time is it and add eggs and tea to the shopping list and tell me the time",
            ["time", "add eggs and tea", "time"],
        ),
        (
            "please set a timer for two minutes then can you tell me the time please",
            ["set 2", "time"],
        ),
        ("Mets un minuteur de dix minutes et donne-moi l'heure.", ["set 10", "time"]),
        (
            "donne-moi l'heure puis ajoute du lait et des œufs à la liste",
            ["time", "add du lait et des œufs"],
        ),
    ],
)
def test_several_things_are_asked_for_at_once(
    text: str, asked: list[str], understanding: Understanding
) -> None:
    assert _all(understanding, text) == asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("add milk and eggs to the shopping list", ["add milk and eggs"]),
        ("what time is it in Trinidad and Tobago", ["time_in Trinidad and Tobago"]),
        ("What time is it?", ["time"]),
    ],
)
def test_what_is_one_thing_as_a_whole_stays_one(
    text: str, asked: list[str], understanding: Understanding
) -> None:
    assert _all(understanding, text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "set a timer for ten minutes and tell me a story",
        "tell me a story and set a timer for ten minutes",
        "what time is it and and",
        "and what time is it and why",
        "what time is it and " * 30,
        "what time is it and why and why and why and why and what time is it",
    ],
)
def test_where_one_part_asks_for_nothing_none_is_done(
    text: str, understanding: Understanding
) -> None:
    assert not understanding.find_all(text)


def test_a_language_without_such_words_is_left_as_it_is() -> None:
    spoken = Spoken.load("eo")
    assert spoken.request("  Um, saluton! ") == "Um, saluton"
    assert spoken.mended("said a timer") == "said a timer"
    assert not list(spoken.halves("tio kaj tio"))
