"""What a sentence asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.skills.base import Action, Call
from heisenberg.skills.understanding.matching import Understanding
from tests.fakes.skills import ScriptedSkill


class _Egg:
    """Takes one slot of every kind."""

    name = "egg"

    def __init__(self) -> None:
        self.actions = (
            Action("boil", self._boil, {"en": ["boil {count} eggs for {time}", "boil an egg"]}),
            Action("weigh", self._weigh, {"en": ["an egg weighs {grams} grams"]}),
        )

    async def _boil(
        self, call: Call, count: int = 1, time: timedelta = timedelta(minutes=5)
    ) -> str:
        raise NotImplementedError

    async def _weigh(self, call: Call, grams: float) -> str:
        raise NotImplementedError


def _slots(text: str, *languages: str) -> dict[str, Any] | None:
    match = Understanding([ScriptedSkill(), _Egg()], languages or ("en",)).find(text)
    return None if match is None else dict(match.slots)


@pytest.mark.parametrize(
    "text",
    [
        "switch on the kitchen lamp",
        "Switch on the kitchen lamp!",
        "Please switch the kitchen lamp on.",
        "Could you switch on the kitchen lamp, please?",
        "  SWITCH ON THE KITCHEN LAMP  ",
        "hey, can you please switch the kitchen lamp on for me",
    ],
)
def test_who_is_polite_asks_for_the_same(text: str) -> None:
    slots = _slots(text)
    assert slots is not None
    assert slots["lamp"].lower() == "kitchen"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "please",
        "switch on the lamp factory tour",
        "Why did you switch on the kitchen lamp?",
        "switch on the lamp",
        "x" * 10_000,
    ],
)
def test_anything_else_is_for_the_model(text: str) -> None:
    assert _slots(text) is None


def test_slots_have_the_types_of_their_parameters() -> None:
    assert _slots("Boil three eggs for four and a half minutes") == {
        "count": 3,
        "time": timedelta(minutes=4, seconds=30),
    }
    assert _slots("Boil an egg.") == {}
    assert _slots("An egg weighs fifty five point five grams.") == {"grams": 55.5}


def test_words_are_given_as_they_were_said() -> None:
    assert _slots("Switch on the sink, stove: and big lamp.") == {"lamp": "sink, stove: and big"}


def test_what_does_not_fit_a_slot_is_not_asked_for() -> None:
    assert _slots("Boil many eggs for four minutes") is None
    assert _slots("Boil two eggs for a while") is None


def test_every_language_that_is_spoken_is_understood() -> None:
    match = Understanding([ScriptedSkill()], ("en", "fr")).find(
        "Allume la lampe du salon, s'il te plaît."
    )
    assert match is not None
    assert (match.language, dict(match.slots)) == ("fr", {"lamp": "du salon"})
    assert _slots("Allume la lampe du salon.") is None


@pytest.mark.parametrize(
    ("language", "sentence", "said"),
    [
        ("fr", "dis-moi le prix du {lamp}", "Dis-moi le prix du pain"),
        ("fr", "dis-moi le prix du {lamp}", "Euh, dis-moi le prix du pain."),
        ("en", "could you price the {lamp}", "Could you price the pain?"),
    ],
)
def test_a_sentence_may_begin_with_what_is_polite(language: str, sentence: str, said: str) -> None:
    skill = ScriptedSkill(sentences={language: [sentence]})
    found = Understanding([skill], ("en", "fr")).find(said)
    assert found is not None
    assert dict(found.slots) == {"lamp": "pain"}


def test_of_several_the_one_that_says_more_itself_is_meant() -> None:
    anything = ScriptedSkill(name="anything", sentences={"en": ["switch on {lamp}"]})
    match = Understanding([anything, ScriptedSkill()], ("en",)).find("switch on the kitchen lamp")
    assert match is not None
    assert match.skill == "lamps"


@pytest.mark.parametrize(
    ("sentences", "reason"),
    [
        (["switch on [the lamp"], "can't be used"),
        (["switch on {what}"], "no parameter 'what'"),
    ],
)
def test_sentences_that_can_not_be_used_are_told(sentences: list[str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Understanding([ScriptedSkill(sentences={"en": sentences})], ("en",))


def test_a_parameter_that_no_words_can_fill_is_told() -> None:
    class _Bad:
        name = "bad"
        actions: tuple[Action, ...] = ()

    async def run(call: Call, what: dict[str, str]) -> str:
        raise NotImplementedError

    bad = _Bad()
    bad.actions = (Action("go", run, {"en": ["go {what}"]}),)
    with pytest.raises(ConfigError, match="'what' must be one of"):
        Understanding([bad], ("en",))


class _Bell:
    """Is spoken to in French."""

    name = "bell"

    def __init__(self) -> None:
        sentences = {"fr": ["sonne sept fois", "mets la cloche sur {what}"]}
        self.actions = (
            Action("ring", self._ring, sentences),
            Action("this", self._ring, {"fr": ["sonne cette fois"]}),
        )

    async def _ring(self, call: Call, what: str = "") -> str:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Mais la cloche sur le toit.", "ring"),
        ("Sonnes sept fois", "ring"),
        ("sonne cette fois", "this"),  # as it is written goes before what sounds like it
        ("Mets la clochette sur le toit.", None),
    ],
)
def test_what_sounds_like_a_request_is_one(text: str, action: str | None) -> None:
    match = Understanding([_Bell()], ("fr", "en")).find(text)
    assert (match and match.action.name) == action
