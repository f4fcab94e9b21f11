"""Which utterances end a conversation, in the words that ship with Heisenberg."""

from __future__ import annotations

import pytest

from heisenberg.core.phrases import Phrases


@pytest.mark.parametrize(
    "text",
    [
        "Stop.",
        "STOP!",
        "Stop, stop.",
        "stop it",
        "Never mind.",
        "Nevermind",
        "Cancel",
        "That's all.",
        "That’s it, thanks.",
        "That's it. Thanks.",
        "Goodbye.",
        "Be quiet.",
        "Shut up!",
        "No thanks.",
        "Okay, stop, please.",
        "Oh, never mind. Thank you.",
        "Bye bye bye.",
    ],
)
def test_english_closings(text: str) -> None:
    assert Phrases.load("en").end_conversation(text)


@pytest.mark.parametrize(
    "text",
    [
        "Arrête !",
        "ARRETE",
        "Arrêtes.",
        "Stop.",
        "Annule.",
        "Laisse tomber.",
        "Ça suffit !",
        "Merci, c'est tout.",
        "C’est bon, merci.",
        "Tais-toi, s'il te plaît.",
        "Non merci.",
        "Never mind.",
    ],
)
def test_french_closings_and_english_ones_beside_them(text: str) -> None:
    assert Phrases.load("fr").end_conversation(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ""),
        ("en", "..."),
        ("en", "Stop the timer."),
        ("en", "Cancel my alarm."),
        ("en", "Stop words in search."),
        ("en", "Bus stop."),
        ("en", "What does never mind mean?"),
        ("en", "Nonstop."),
        ("en", "Is that all?"),
        ("en", "Thank you."),
        ("en", "No."),
        ("en", "Please."),
        ("fr", "Arrête le minuteur."),
        ("fr", "Annule mon réveil."),
        ("fr", "Où est l'arrêt de bus ?"),
        ("fr", "Merci."),
    ],
)
def test_whole_utterances_only(language: str, text: str) -> None:
    assert not Phrases.load(language).end_conversation(text)


def test_a_long_utterance_of_closings_is_judged_at_once() -> None:
    """Many ways to read "bye bye" must not be tried one after the other."""
    assert not Phrases.load("en").end_conversation("bye " * 60 + "for now")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Forget everything."),
        ("en", "Please forget what I told you, thanks."),
        ("en", "Clear your memory!"),
        ("fr", "Oublie tout, s'il te plaît."),
        ("fr", "Oublie tout ce que j’ai dit."),
        ("fr", "Forget everything."),
    ],
)
def test_wishes_to_be_forgotten_are_understood(language: str, text: str) -> None:
    phrases = Phrases.load(language)

    assert phrases.asks_to_forget(text)
    assert phrases.forgotten


@pytest.mark.parametrize(
    "text", ["Don't forget everything.", "I forget everything.", "Forget it.", "What is a memory?"]
)
def test_others_are_not(text: str) -> None:
    assert not Phrases.load("en").asks_to_forget(text)
