from __future__ import annotations

import pytest

from heisenberg.knowledge.question_words import QuestionWords


@pytest.fixture(scope="module")
def words() -> QuestionWords:
    return QuestionWords.load()


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("When is the vet open?", "vet open"),
        ("Can you please tell me what the Wi-Fi password is?", "wi fi password"),
        ("Où est-ce que la clé se trouve ?", "cle trouve"),
        ("Comment est-ce qu'on éteint le chauffage ?", "eteint chauffage"),
        ("What is it?", ""),
        ("error error E42", "error e42"),
    ],
)
def test_what_tells_nothing_is_left_out(words: QuestionWords, question: str, left: str) -> None:
    assert " ".join(words.of(question)) == left


def test_one_word_of_a_sentence_does_not_say_what_is_asked(words: QuestionWords) -> None:
    assert not words.tell("What do you think?")
    assert words.tell("evdev")
    assert words.tell("What is E12?")
    assert words.tell("When is the vet open?")
