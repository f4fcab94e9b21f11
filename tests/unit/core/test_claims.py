"""What a model claims to have done is never said."""

from __future__ import annotations

import pytest

from heisenberg.core.claims import NO_CLAIMS, Claims


def _passed(text: str, language: str = "en", step: int = 4) -> tuple[str, bool]:
    watch = Claims.load(language).watch()
    said = "".join(watch.push(text[at : at + step]) for at in range(0, len(text), step))
    return said + watch.flush(), watch.caught


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("Sure, I've set a timer for ten minutes.", ""),
        ("Okay, setting a timer for 10 minutes now.", ""),
        ("I'll remind you to call the dentist at noon.", ""),
        ("Your alarm has been set for 7 am.", ""),
        ("Done.", ""),
        ("Done! The lights are off.", ""),
        ("Timer set for ten minutes.", ""),
        ("I have turned off the lights in the kitchen.", ""),
        ("I've sent it.", ""),
        ("It is late. I will send the message to your mother.", "It is late."),
        ("Paris is nice, and I've booked a table for two.", "Paris is nice,"),
        ("Yes, I will send it.", ""),
        ("Sure! I'd be happy to send flowers to your mother.", ""),
        ("Heisenberg booked two tickets for Saturday.", ""),
        ("Yes, I can turn off the radiator.", ""),
        ("Yes, the washing is done.", ""),
        ("I'd love to write that down.", ""),
    ],
)
def test_a_claim_and_what_follows_it_is_not_said(text: str, before: str, step: int) -> None:
    said, caught = _passed(text, step=step)
    assert caught
    assert said.startswith(before)
    for word in ("set", "sett", "I'", "I have", "I will", "off", "sent", "booked", "Your", "Done"):
        assert word not in said


@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "The capital of France is Paris.",
        "I can set a timer for you if you tell me how long.",
        "To set a timer, open the clock app.",
        "I have not set a timer.",
        "Playing chess improves memory.",
        "If I set a timer, it rings.",
        "I'm sorry, I can't turn on the lights.",
        "The first telephone call was made in 1876.",
        "The meeting of the two rivers is called a confluence.",
        "Sure, here are three ideas:\n1. Read.\n2. Walk.\n\nWhich one?",
        "Once the timer is set, press start. ",
        "Make sure your router is turned off.",
        "Werner Heisenberg wrote a paper about it.",
        "I can write an email for you. What is it about?",
        "I'd be happy to help you with a poem.",
        "Sure! I can play the role of a waiter.",
        "Yes, I like songs.",
        "I'd be happy to make it easier for you.",
        "The movie is set in Rome, and the hotel is on the beach.",
        "You can turn the lights off.",
        "Your phone is on the table.",
        "Yes, turning off the lights at night saves power.",
    ],
)
def test_everything_else_is_said_as_it_came(text: str, step: int) -> None:
    assert _passed(text, step=step) == (text, False)


@pytest.mark.parametrize(
    "text",
    [
        "Bien sûr, je règle un minuteur de dix minutes.",
        "J'ai ajouté du lait à votre liste.",
        "Votre alarme est réglée pour sept heures.",
        "C'est fait.",
        "Je vais allumer la lumière.",
        "Je vous rappellerai demain.",
        "Je lui enverrai un mot.",
        "J'éteindrai tout en partant.",
        "Je baisserai un peu le chauffage.",
        "Oui, j'allume la lampe.",
        "Je vous envoie un message.",
        "Je serai ravi de vous réserver une place.",
        "La porte d'entrée est fermée.",
    ],
)
def test_a_claim_in_french(text: str) -> None:
    assert _passed(text, "fr") == ("", True)


@pytest.mark.parametrize(
    "text",
    [
        "Je ne peux pas allumer la lumière.",
        "Pour régler un minuteur, ouvrez l'application.",
        "Je m'appelle Heisenberg.",
        "La chanson a été enregistrée en 1969.",
        "La banque est ouverte le lundi.",
        "Je peux vous aider à écrire un poème.",
        "Je ferai de mon mieux.",
        "Je lirai volontiers ce que vous écrivez.",
    ],
)
def test_no_claim_in_french(text: str) -> None:
    assert _passed(text, "fr") == (text, False)


def test_a_model_may_answer_in_another_language_than_it_was_asked_in() -> None:
    claims = Claims.load("en", "fr")
    assert claims.truth == Claims.load("en").truth
    for text in ("J'ai réservé une table.", "I've booked a table.", "C'est fait."):
        watch = claims.watch()
        watch.push(text)
        watch.flush()
        assert watch.caught


def test_a_reply_is_not_held_back_for_what_it_can_no_longer_become() -> None:
    watch = Claims.load("en").watch()
    assert watch.push("I") == ""
    assert watch.push(" think of whales") == "I think of whales"
    assert watch.push(" in the sea.") == " in the sea."


def test_a_language_without_words_for_it_lets_everything_pass() -> None:
    assert Claims.load("xx") == NO_CLAIMS
    watch = NO_CLAIMS.watch()
    assert watch.push("Done.") == "Done."
    assert watch.flush() == ""


def test_a_long_reply_costs_the_same_at_its_end() -> None:
    watch = Claims.load("en").watch()
    for _ in range(300):
        watch.push("The sea is wide and the sky is blue today. ")
    assert len(watch._text) < 1000
    watch.push("Done.")
    watch.flush()
    assert watch.caught
