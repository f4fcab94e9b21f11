"""What is worth keeping of what people say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.llm.history.facts import MOST_CHARACTERS, Facts, facts_in, promises_in


@pytest.mark.parametrize(
    "said",
    [
        "My name is Ada.",
        "My sister's birthday is on March 3rd.",
        "my flight leaves at half past nine, and my seat is 14C",
        "I live in Toulouse.",
        "I'm allergic to peanuts.",
        "Remember that the key is under the mat.",
        "The meeting with Bernard is on Thursday.",
        "Our dog has three legs.",
        "Call me Ishmael.",
        "The budget is 400 euros.",
        "I promised to visit her in May.",
        "Je m'appelle Chloé.",
        "Mon chien s'appelle Rex.",
        "J'habite à Lyon.",
        "N'oublie pas que la réunion est à 15 heures.",
        "Je suis allergique aux noix.",
    ],
)
def test_statements_about_people_things_and_dates_are_facts(said: str) -> None:
    assert facts_in(said) == [said]


@pytest.mark.parametrize(
    "said",
    [
        "What is my name?",
        "How old is the Eiffel Tower?",
        "Is my flight on time?",
        "Tell me a joke.",
        "Thank you very much.",
        "That's fine.",
        "What happened in 1989?",
        "Turn it up to 7.",
        "Quel est mon nom ?",
        "Quelle heure est-il à Tokyo ?",
        "Merci beaucoup.",
        "I read this: a small bird welcomed a much better plan on a cold Tuesday.",
        "",
        "My " + "very " * 60 + "long story is this.",
    ],
)
def test_questions_wishes_and_manners_are_none(said: str) -> None:
    assert facts_in(said) == []


def test_only_the_sentences_that_are_facts_are_kept() -> None:
    said = "Hello there! My car is a blue Renault. It costs 1.5 a mile, is that much? I love it."

    assert facts_in(said) == ["My car is a blue Renault.", "I love it."]


def test_what_is_said_later_about_the_same_replaces_it() -> None:
    facts = Facts(["My favourite colour is red.", "My dog is old."])
    facts.add(["My favourite colour is green."])

    assert list(facts) == ["My dog is old.", "My favourite colour is green."]


def test_what_was_to_be_remembered_outlasts_what_was_only_said() -> None:
    facts = Facts(["Remember that the code is 4711."])
    facts.add(f"Our room number {number} is a nice and quiet one." for number in range(100))

    kept = list(facts)
    assert kept[0] == "Remember that the code is 4711."
    assert kept[-1] == "Our room number 99 is a nice and quiet one."
    assert len(kept) < 100


def test_what_is_the_users_outlasts_what_is_not() -> None:
    facts = Facts(["My dog is called Rufus."])
    facts.add(f"The train to Paris at {number} o'clock is late again." for number in range(100))

    assert next(iter(facts)) == "My dog is called Rufus."
    assert len(list(facts)) > 10


@given(st.lists(st.text(max_size=200)))
def test_they_never_take_more_room_than_they_have(texts: list[str]) -> None:
    facts = Facts()
    for text in texts:
        facts.add(facts_in(text) or [text])
        assert sum(map(len, facts)) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (
            "Sure. I'll remind you at five o'clock.",
            ["You promised: I'll remind you at five o'clock."],
        ),
        (
            "I will let you know when it rains.",
            ["You promised: I will let you know when it rains."],
        ),
        (
            "Je te le rappellerai demain.",
            ["Tu as promis : Je te le rappellerai demain."],
        ),
        ("Je vais noter cela.", ["Tu as promis : Je vais noter cela."]),
        ("I'll be happy to help.", []),
        ("Paris is the capital of France.", []),
        ("Shall I remind you? I will.", []),
        ("Je vais bien, merci.", []),
        ("Je dirais que oui, c'est un bon film.", []),
    ],
)
def test_what_was_promised_is_kept(reply: str, kept: list[str]) -> None:
    assert promises_in(reply) == kept
