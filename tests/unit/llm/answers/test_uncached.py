"""Questions whose answer is not given a second time."""

from __future__ import annotations

import pytest

from heisenberg.llm.answers.same_question import normalised
from heisenberg.llm.answers.uncached import Uncached


@pytest.fixture(scope="module")
def uncached() -> Uncached:
    return Uncached.load()


@pytest.mark.parametrize(
    "question",
    [
        "What time is it?",
        "What's the time?",
        "What day is it tomorrow?",
        "Is it raining in Paris?",
        "What is the weather like?",
        "What's the latest news?",
        "What's on TV tonight?",
        "How many days until Christmas?",
        "Quelle heure est-il ?",
        "Qu'est-ce qu'il y a au cinéma ce soir ?",
        "Quel temps fera-t-il demain ?",
        "QUEL TEMPS FAIT-IL ?",
        "Qu'est-ce qui s'est passé aujourd\N{RIGHT SINGLE QUOTATION MARK}hui ?",
        "Quelle est la meteo ?",
    ],
)
def test_what_changes_with_time(uncached: Uncached, question: str) -> None:
    assert uncached.covers(normalised(question))


@pytest.mark.parametrize(
    "question",
    [
        "What is my name?",
        "How tall am I?",
        "What's mine?",
        "Do we have any milk?",
        "Where is our car?",
        "Call me Ann.",
        "Tell me what I said.",
        "Quel est mon nom ?",
        "Où est ma voiture ?",
        "Que dois-je faire ?",
        "Qu'est-ce que j'ai dit ?",
        "Comment s'appellent mes enfants ?",
        "Où est notre chat ?",
    ],
)
def test_what_is_about_whoever_asks(uncached: Uncached, question: str) -> None:
    assert uncached.covers(normalised(question))


@pytest.mark.parametrize(
    "question",
    [
        "Roll a die.",
        "Flip a coin.",
        "Pick a number from one to ten.",
        "Tell me another joke.",
        "Can you tell me a story?",
        "Surprise me!",
        "Remember that the key is under the mat.",
        "Forget that.",
        "Set a timer for five minutes.",
        "Raconte-moi une blague.",
        "Lance un dé.",
        "Encore une fois.",
        "Retiens que la clé est sous le tapis.",
    ],
)
def test_what_is_meant_to_surprise_or_is_to_be_done(uncached: Uncached, question: str) -> None:
    assert uncached.covers(normalised(question))


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "Can you tell me the capital of France?",
        "How do you boil an egg?",
        "Why is the sky blue?",
        "Who wrote War and Peace?",
        "What is the meaning of knowledge?",
        "Who are you?",
        "Quelle est la capitale de l'Italie ?",
        "Qui a écrit Les Misérables ?",
        "Combien de pattes a une araignée ?",
        "À quoi sert le code de la route ?",
        "Dis-moi quelle est la capitale des Pays-Bas.",
    ],
)
def test_what_is_as_true_for_anybody_at_any_time_is_none_of_them(
    uncached: Uncached, question: str
) -> None:
    assert not uncached.covers(normalised(question))


@pytest.mark.parametrize(
    "question",
    ["How do I turn off the light?", "Where is my index?", "Comment est-ce que j'allume ?"],
)
def test_what_documents_answer_is_as_true_for_anybody(uncached: Uncached, question: str) -> None:
    assert not uncached.covers(normalised(question), of_documents=True)
    assert uncached.covers(normalised(question))


@pytest.mark.parametrize("question", ["What is due today?", "Tell a joke.", "Quelle heure ?"])
def test_what_changes_does_so_with_documents_too(uncached: Uncached, question: str) -> None:
    assert uncached.covers(normalised(question), of_documents=True)
