"""What makes an answer right, one kind of check after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heisenberg.bench.llm.answer_check import Check, sentences


def is_right(answer: str, language: str = "en", **check: Any) -> bool:
    return not Check.model_validate(check).problems(answer, language)


def test_any_takes_one_of_its_words() -> None:
    check: dict[str, Any] = {"any": ["puppy", "young dog"]}
    assert is_right("It is a Puppy!", **check)
    assert is_right("A young dog.", **check)
    assert not is_right("Young cats and a dog.", **check)


def test_all_wants_each_of_them() -> None:
    assert is_right("Eggs and milk.", all=["milk", "egg*"])
    assert not is_right("Milk.", all=["milk", "egg*"])


def test_none_refuses_any_of_them() -> None:
    check: dict[str, Any] = {"any": ["rome"], "none": ["milan", "not rome"]}
    assert is_right("Rome.", **check)
    assert not is_right("Rome or Milan.", **check)
    assert not is_right("Surely not Rome.", **check)


def test_a_choice_is_what_is_named_first() -> None:
    check: dict[str, Any] = {"choice": ["elephant*", "mouse"]}
    assert is_right("Elephants are heavier than a mouse.", **check)
    assert not is_right("A mouse is heavier than an elephant.", **check)
    assert not is_right("They are the same.", **check)


@pytest.mark.parametrize("answer", ["It is 56.", "Fifty-six", "7 × 8 = 56", "56.0"])
def test_a_number_is_read_in_digits_and_words(answer: str) -> None:
    assert is_right(answer, number=56)


@pytest.mark.parametrize("answer", ["It is 5 or 6.", "560", "fifty and six", "5.6"])
def test_a_part_of_a_number_is_another_number(answer: str) -> None:
    assert not is_right(answer, number=56)


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("I don’t know what you had.", "en"),
        ("Sorry, I do not have access to your calendar.", "en"),
        ("As an assistant, I can't see your hand.", "en"),
        ("No one knows that.", "en"),
        ("It's impossible to predict.", "en"),
        ("I'm not able to tell.", "en"),
        ("Je ne sais pas.", "fr"),
        ("Je n’ai pas accès à cette information.", "fr"),
        ("Personne ne peut le savoir.", "fr"),
        ("On ne peut pas le prédire.", "fr"),
        ("Je l'ignore.", "fr"),
    ],
)
def test_admitting_not_to_know(answer: str, language: str) -> None:
    assert is_right(answer, language, unknown=True)


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("You had eggs and toast.", "en"),
        ("You can't go wrong with eggs.", "en"),
        ("I have two hands.", "en"),
        ("Vous avez trois pièces.", "fr"),
        ("Je ne peux pas avoir de poche.", "fr"),
        ("I don't know.", "fr"),
    ],
)
def test_making_something_up(answer: str, language: str) -> None:
    assert not is_right(answer, language, unknown=True)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ({"intent": "add", "item": "Milk", "count": 2, "now": True, "room": None}, True),
        ({"intent": "add", "item": "some milk", "count": 2.0, "now": True, "room": None}, True),
        ({"intent": "add", "item": "milkshake", "count": 2, "now": True, "room": None}, False),
        ({"intent": "add", "item": "milk", "count": 3, "now": True, "room": None}, False),
        ({"intent": "add", "item": "milk", "count": 2, "now": 1, "room": None}, False),
        ({"intent": "add", "item": "milk", "count": "2", "now": True, "room": None}, False),
        (["add", "milk", 2], False),
    ],
)
def test_json_has_the_values_that_are_wanted(found: Any, right: bool) -> None:
    wanted = {"intent": "add", "item": ["milk", "some milk"], "count": 2, "now": True}
    assert is_right(json.dumps(found), json=wanted) is right


def test_what_is_no_json_is_wrong() -> None:
    assert not is_right("I add milk.", json={"intent": "add"})
    assert not is_right('{"intent": "add"', json={"intent": "add"})


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Yes", 1),
        ("It is 3.5 km, e.g. by Dr. Who.", 1),
        ("It is blue. Why? Nobody knows!", 3),
        ("Steps:\n- Heat water.\n- Add the egg.", 3),
        ("Wait... and see.", 1),
    ],
)
def test_sentences_are_counted_as_the_voice_cuts_them(text: str, count: int) -> None:
    assert sentences(text, "en") == count


def test_an_answer_may_be_too_long() -> None:
    assert is_right("It is one. It is two.", at_most_sentences=2)
    assert not is_right("It is one. It is two. It is three.", at_most_sentences=2)


@pytest.mark.parametrize(
    "answer",
    [
        "It is **very** big.",
        "1. Heat water.\n2. Add the egg.",
        "Do this:\n- Sleep.",
        "# Sleep",
        "Run `sleep`.",
        "See [this](https://example.org).",
        "Good night 😴",
        "| a | b |",
    ],
)
def test_what_cant_be_read_aloud(answer: str) -> None:
    assert not is_right(answer, spoken=True)


@pytest.mark.parametrize(
    "answer", ["It's 5 * 3 = 15, well-known.", "In 1990. It was 20 °C – cold!"]
)
def test_plain_sentences_can_be_read_aloud(answer: str) -> None:
    assert is_right(answer, spoken=True)


def test_nothing_is_never_right() -> None:
    assert not is_right("  ", none=["rome"])
    assert not is_right("", at_most_sentences=2)


def test_what_is_wrong_is_said() -> None:
    check = Check.model_validate({"any": ["rome"], "number": 3, "at_most_sentences": 1})
    assert check.problems("Milan. Four.", "en") == [
        "it says none of: rome",
        "the number 3 is not in it",
        "it has 2 sentences",
    ]


def test_examples_that_are_judged_otherwise_are_named() -> None:
    check = Check.model_validate({"any": ["rome"], "right": ["Rome.", "Roma."], "wrong": ["Rom"]})
    assert check.misjudged("en") == ["Roma."]
