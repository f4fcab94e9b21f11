"""The wake phrase in a transcript, as Whisper was seen to write it, and what must not go."""

from __future__ import annotations

import pytest

from heisenberg.wake.phrase import without_wake_phrase

PHRASE = "Hey Jarvis"


@pytest.mark.parametrize(
    ("heard", "question"),
    [
        ("Hey Jarvis, what is the capital of France?", "What is the capital of France?"),
        ("Hey, Jarvis. What time is it?", "What time is it?"),
        ("hey jarvis 5 plus 5", "5 plus 5"),
        ("Hey Jarvis, who is Jarvis?", "Who is Jarvis?"),
        ("Hey Jarvis - tell me a joke.", "Tell me a joke."),
        ("Hey Jarvis. Hey Jarvis, what time is it?", "What time is it?"),
        ("Hé Jarvis, quelle heure est-il ?", "Quelle heure est-il ?"),
        ("Hey Jarvis, éteins la lumière.", "Éteins la lumière."),
        ("Hey Jarvis.", ""),
        ("Jarvis", ""),
    ],
)
def test_the_phrase_goes_and_the_question_stays(heard: str, question: str) -> None:
    assert without_wake_phrase(heard, PHRASE) == question


@pytest.mark.parametrize(
    "heard",
    [
        # Written by Whisper base and tiny.en for spoken "Hey Jarvis", whole ...
        "Hey, Jardis. ",
        "A Jarvis, ",
        "Paige Jarvis, ",
        "Hey Jarva ",
        "HR was ",
        "A jar of a ",
        "H. Arvis, ",
        # ... without its first 0.1 s ...
        "It's Jarvis, ",
        "He's Jarvis, ",
        "Be Jarvis, ",
        "He Jarvis, ",
        "It's Arvis, ",
        "It's nervous. ",
        "each harvest. ",
        "HR of a ",
        # ... without 0.2 s and more.
        "Jarvis, ",
        "Jarva ",
        "Jar was ",
        "Service, ",
        "Harvest, ",
        "purpose. ",
        "Arbus, ",
        # Other misspellings of a name that no dictionary holds.
        "Hey Jervis ",
        "Hey Charvis, ",
        "Hey Jarvas ",
        "Hi Jarvis ",
        "Eh Jarvis ",
        "Et Jarvis, ",
        "Hey, Jar vis, ",
        "Heyjarvis ",
        "arvis, ",
    ],
)
def test_misheard_forms_go(heard: str) -> None:
    assert without_wake_phrase(heard + "what time is it?", PHRASE) == "What time is it?"


@pytest.mark.parametrize("heard", ["Hey Jarvis!", "A Jarvis", "Be Jarvis.", "service.", "purpose"])
def test_nothing_is_left_of_the_phrase_alone(heard: str) -> None:
    assert without_wake_phrase(heard, PHRASE) == ""


def test_talk_before_the_phrase_goes_with_it() -> None:
    heard = "and then she said hey Jarvis what time is it?"
    assert without_wake_phrase(heard, PHRASE) == "What time is it?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is Jarvis?",
        "Is Jarvis a real name?",
        "Have you seen Jarvis the movie?",
        "The Jarvis Institute, where is it?",
        "Service hours of the library",
        "Harvest festival dates",
        "A harvest festival is when?",
        "Java is a programming language",
        "Jars of honey",
        "Marvel movies in order",
        "Travis is my friend",
        "Call Travis.",
        "Perhaps you could help",
        "Paris is the capital of what?",
        "I'm nervous.",
        "Is it harvest time?",
        "Hey, what is up?",
        "Hey, purpose of life is what?",
        "Please, turn it off.",
        "Stop.",
        "Et le service est compris ?",
        "Quelle heure est-il ?",
    ],
)
def test_a_text_without_the_phrase_is_left_alone(text: str) -> None:
    assert without_wake_phrase(text, PHRASE) == text


@pytest.mark.parametrize(
    ("phrase", "heard", "question"),
    [
        ("Alexa", "Alexa, what time is it?", "What time is it?"),
        ("Alexa", "lexa, stop", "Stop"),
        ("Alexa", "Alaska is big.", "Alaska is big."),
        ("Hey Mycroft", "Hey my croft, stop", "Stop"),
        ("Hey Rhasspy", "Hey raspy, stop", "Stop"),
        ("OK Nabu", "Okay Nabu, stop", "Stop"),
        ("OK Nabu", "Now, what is next?", "Now, what is next?"),
    ],
)
def test_other_phrases(phrase: str, heard: str, question: str) -> None:
    assert without_wake_phrase(heard, phrase) == question
