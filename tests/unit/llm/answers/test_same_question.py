"""Which questions count as the same."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.llm.answers.same_question import normalised

WORDS = st.sampled_from(
    ["what", "is", "the", "not", "no", "never", "capital", "France", "dogs", "eat", "où", "n't"]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=8)


@pytest.mark.parametrize(
    "variant",
    [
        "what is the capital of france",
        "WHAT IS THE CAPITAL OF FRANCE?",
        "  What  is the capital\tof France ?",
        "What is the capital of France?!",
        "What is the capital of France…",
        "Please, what is the capital of France?",
        "please what is the capital of France",
        "What is the capital of France, please?",
        "Can you tell me what is the capital of France?",
        "Could you please tell me what is the capital of France?",
        "Please tell me, what is the capital of France, please.",
    ],
)
def test_case_punctuation_spaces_and_politeness_change_no_question(variant: str) -> None:
    assert normalised(variant) == normalised("What is the capital of France?")


@pytest.mark.parametrize(
    "variant",
    [
        "quelle est la capitale de l'Italie",
        "S'il te plaît, quelle est la capitale de l’Italie\N{NARROW NO-BREAK SPACE}?",
        "Quelle est la capitale de l'Italie, s'il vous plaît ?",
        "Peux-tu me dire quelle est la capitale de l'Italie ?",
        "Dis-moi, quelle est la capitale de l'Italie ?",
    ],
)
def test_nor_do_they_in_french(variant: str) -> None:
    assert normalised(variant) == normalised("Quelle est la capitale de l'Italie ?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is 2.5 kilos?", "How much is 25 kilos?"),
        ("How cold is -5 degrees?", "How cold is 5 degrees?"),
        ("What is 3+4?", "What is 3-4?"),
        ("What is 5!", "What is 5?"),
        ("What is 5 !", "What is 5 ?"),
        ("What happened at 10:30?", "What happened at 10 30?"),
        ("What is x²?", "What is x2?"),
        ("What costs $5?", "What is 5%?"),
        ("Is it safe to eat?", "Is it not safe to eat?"),
        ("Why can't dogs eat that?", "Why can dogs eat that?"),
        ("Do dogs chase cats?", "Do cats chase dogs?"),
        ("What is C++?", "What is C?"),
        ("What is C#?", "What is C?"),
        ("What does IT mean?", "What does it mean?"),
        ("Who is the WHO director?", "Who is the who director?"),
        ("Où est-il ?", "Ou est-il ?"),
        ("What does `a=b` do?", "What does `a==b` do?"),
        ("What does print(A) do?", "What does print(a) do?"),
        ("Sort these:\na b\nc", "Sort these:\na\nb c"),
        ('How do you say "please" in French?', 'How do you say "thanks" in French?'),
        ("How do you spell please?", "How do you spell thanks?"),
        ("Please in French?", "In French?"),
        ("Hello, what does it mean?", "Bonjour, what does it mean?"),
        ("Translate yes, no, please.", "Translate yes, no."),
        ("Tell me.", "Why?"),
    ],
)
def test_what_means_something_else_is_another_question(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=60))
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(SENTENCES, st.sampled_from(["", "?", " ?", "!", ".", "…", "?!"]))
def test_how_a_question_ends_and_begins_makes_no_difference(words: list[str], end: str) -> None:
    asked = " ".join(words)
    assert normalised(f" {asked.capitalize()}{end}") == normalised(asked.lower())


@given(SENTENCES)
def test_no_word_is_lost_or_moved(words: list[str]) -> None:
    for order in itertools.islice(itertools.permutations(words), 6):
        assert normalised(" ".join(order)) == " ".join(order).lower()


@given(
    st.text(alphabet="0123456789.,:-+/%! \tab", max_size=12),
    st.text(alphabet="0123456789.,:-+/%! \tab", max_size=12),
)
def test_different_numbers_never_make_the_same_question(one: str, other: str) -> None:
    def numbers(text: str) -> list[str]:
        return re.findall(r"-?\d+(?:[.,:]\d+)*", " ".join(text.split()))

    if numbers(one) != numbers(other):
        assert normalised(f"is it {one} or") != normalised(f"is it {other} or")
