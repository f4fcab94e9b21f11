from __future__ import annotations

import pytest

from heisenberg.core.talk.echo_words import without_echo

SAID = "The capital of France is Paris. It lies on the Seine, and many people go there."


@pytest.mark.parametrize(
    "heard",
    [
        "The capital of France is Paris.",
        "capital of France",
        "the cabbage of France is Paris",
        "It lies on the same and many people.",
        "Paris",
        "the sane, and many people go",
    ],
)
def test_what_only_repeats_the_reply_is_nothing(heard: str) -> None:
    assert without_echo(heard, SAID) == ""


@pytest.mark.parametrize(
    ("heard", "user"),
    [
        ("is Paris. It lies, stop that please", "Stop that please"),
        ("capital of France no wait I meant Italy.", "No wait I meant Italy."),
        ("on the Seine, and many and what about Rome?", "And what about Rome?"),
    ],
)
def test_the_words_that_follow_an_echo_are_the_users(heard: str, user: str) -> None:
    assert without_echo(heard, SAID) == user


@pytest.mark.parametrize(
    "heard",
    [
        "What is the capital of Italy?",
        "Stop.",
        "No, I meant the other one.",
        "How many people live there?",
        "Is it far?",
        "",
    ],
)
def test_the_users_own_words_stay_even_where_the_reply_has_some_of_them(heard: str) -> None:
    assert without_echo(heard, SAID) == heard


def test_when_nothing_was_said_there_is_no_echo() -> None:
    assert without_echo("The capital of France", "") == "The capital of France"
