"""Words that mean the same are the same."""

from __future__ import annotations

import pytest

from heisenberg.bench.llm.answer_words import numbers_in, place_of, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The ANSWER, is: Élan!", "the answer is elan"),
        ("It's 100°C.", "it s 100 c"),
        ("I don’t know", "i don t know"),
        ("fifty-six", "56"),
        ("a hundred and five", "a 105"),
        ("Two thousand and twenty six", "2026"),
        ("one million two hundred thousand", "1200000"),
        ("2 million", "2000000"),
        ("seven eight", "7 8"),
        ("twenty twenty", "20 20"),
        ("ten and five", "10 and 5"),
        ("bread and two eggs", "bread and 2 eggs"),
        ("1,200 km and 3.14", "1200 km and 3.14"),
        ("CO₂", "co 2"),
    ],
)
def test_english(text: str, words: str) -> None:
    assert plain_words(text, "en") == words.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Vingt et un degrés", "21 degres"),
        ("quatre-vingt-dix-sept", "97"),
        ("quatre-vingts", "80"),
        ("soixante et onze", "71"),
        ("soixante-quinze", "75"),
        ("dix-huit", "18"),
        ("vingt et deux", "20 et 2"),
        ("septante-trois", "73"),
        ("mille neuf cent quatre-vingt-quatre", "1984"),
        ("trois cent soixante-cinq", "365"),
        ("deux cents", "200"),
        ("cent un", "101"),
        ("vingt-quatre heures", "24 heures"),
        ("sept huit", "7 8"),
        ("un chat et une souris", "un chat et une souris"),
        ("1 200 km, 1.500 m et 3,14", "1200 km 1500 m et 3.14"),
        ("le cœur", "le coeur"),
    ],
)
def test_french(text: str, words: str) -> None:
    assert plain_words(text, "fr") == words.split()


def test_numbers_are_found_among_words() -> None:
    assert numbers_in(plain_words("Half of 90 is forty-five, or 45.0.", "en")) == [90, 45, 45]


@pytest.mark.parametrize(
    ("phrase", "place"),
    [
        ("paris", 3),
        ("Is Pâris", 2),
        ("pari", None),
        ("pari*", 3),
        ("capital is paris", 1),
        ("paris is", None),
        ("the capital is paris now", None),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase: str, place: int | None) -> None:
    assert place_of(phrase, ["the", "capital", "is", "paris"], "en") == place
