"""Markup, addresses, signs and abbreviations as the words that reach the voice."""

from __future__ import annotations

import pytest
from piper.phonemize_espeak import EspeakPhonemizer

from heisenberg.tts.speakable import speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Bold**, *it*, __x__ and _y_", "Bold, it, x and y"),
        ("~~no~~ `yes` and snake_case", "no yes and snake case"),
        ("# Title\nSome text.\n## Next ##\nMore.", "Title. Some text. Next. More."),
        ("- one\n- two.\n* three\n+ four", "one. two. three. four"),
        ("- [ ] milk\n- [x] eggs", "milk. eggs"),
        ("1. Paris\n2) Rome", "1, Paris. 2, Rome"),
        ("| City | People |\n|---|:-:|\n| Paris | 2 |", "City, People. Paris, 2"),
        ("Before\n\n---\n\nafter", "Before. after"),
        ("> quoted\n> twice", "quoted. twice"),
        ("See [the docs](https://x.org/a_(b) 'title').", "See the docs."),
        ("![a cat](cat.png) sleeps[1].", "a cat sleeps."),
        ("<b>Hi</b><br/>there", "Hi there"),
        ("\\( \\frac{1}{2} \\times 3 \\) and 2 \\* 3", "(one half times 3) and 2 times 3"),
        ("a sentence that is\nwrapped", "a sentence that is wrapped"),
        ("Roses are red\r\nViolets are blue", "Roses are red. Violets are blue"),
    ],
)
def test_markup_goes_and_words_stay(written: str, spoken: str) -> None:
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Hi 👋🏽! How are you 😀?", "Hi! How are you?"),
        ("1️⃣ First ✅ done ☀️.", "1 First done."),
        ("Good :) bye", "Good bye"),
        ("Wait... what? Well… Then go.", "Wait, what? Well. Then go."),
        ("hello—there — now -- ok", "hello, there, now, ok"),
        ("What?! Really!!!", "What? Really!"),
    ],
)
def test_pictures_and_pauses(written: str, spoken: str) -> None:
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Go to https://www.example.com/a?b=1.", "Go to example dot com."),
        ("(see www.example.org/x)", "(see example dot org)"),
        ("Write to a.person@example.org!", "Write to a dot person at example dot org!"),
        ("Open main.py, or example.com/faq.", "Open main dot py, or example dot com."),
        ("<https://example.com>", "example dot com"),
        ("http://localhost:8080/x is up", "localhost is up"),
    ],
)
def test_addresses_are_read_out(written: str, spoken: str) -> None:
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "$5, $3.50, $1 and $1.5 million",
            "5 dollars, 3 dollars 50, 1 dollar and 1.5 million dollars",
        ),
        ("$1.20, $0.50, £0.05 and 0,75 €", "1 dollar 20, 50 cents, 5 pence and 75 cents"),
        ("20 €, €3, US$5", "20 euros, 3 euros, 5 dollars"),
        (
            "20°C, 5 km, 1 km, 3 m²",
            "20 degrees Celsius, 5 kilometers, 1 kilometer, 3 square meters",
        ),
        ("2 - 1 = 1, 6 / 2, 3 x 4", "2 minus 1 equals 1, 6 divided by 2, 3 times 4"),
        ("-5 and 10-12, 1939–1945", "minus 5 and 10 to 12, 1939 to 1945"),
        ("1/2 cup, 8/10, 24/7", "one half cup, 8 over 10, 24 7"),
        ("x^2, 10^-3, x²", "x squared, 10 to the power of minus 3, x squared"),
        ("a → b, x <= 5, <5, ~5", "a to b, x at most 5, less than 5, about 5"),
        ("C# is #1, salt & pepper", "C sharp is number 1, salt and pepper"),
        (
            "Mr. Smith vs. Dr. Jones, e.g. at 10:00.",
            "Mister Smith versus Doctor Jones, for example at 10 o'clock.",
        ),
        ("John F. Kennedy and J.K. Rowling", "John F Kennedy and J K Rowling"),
        ("the U.S. Army in the U.S. The", "the U S Army in the U.S. The"),
        ("vitamin C. It helps", "vitamin C. It helps"),
        ("No. 5, but no. I", "Number 5, but no. I"),
        ("St. Louis and Main St. is", "Saint Louis and Main Street is"),
        ("Louis XIV, in 1789, the 1960s", "Louis 14, in 17 89, the 19 sixties"),
        ("3.14 and 1,000.50 and v1.2.3", "3.14 and 1,000.50 and v1.2.3"),
        ("Call 555-1234 on 2024-05-06", "Call 555-1234 on 2024 05 06"),
    ],
)
def test_english_signs_and_abbreviations(written: str, spoken: str) -> None:
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("M. Dupont et Mme Durand", "Monsieur Dupont et Madame Durand"),
        ("p. ex. à 14h30, 10:00 ou 9 h", "par exemple à 14 heures 30, 10 heures ou 9 heures"),
        ("au XIVe siècle, le 2e", "au quatorzième siècle, le deuxième"),
        ("3,50 €, 5 m et 1\u202f000 g", "3 euros 50, 5 mètres et 1000 grammes"),
        ("2 = 2, -5, x < y", "2 égale 2, moins 5, x inférieur à y"),
        ("Bonjour ! Ça va ?", "Bonjour! Ça va?"),
        ("av. J.-C., etc.", "avant Jésus-Christ, et cetera."),
        ("https://exemple.fr/x", "exemple point fr"),
        ("n° 5 & n° 6", "numéro 5 et numéro 6"),
    ],
)
def test_french(written: str, spoken: str) -> None:
    assert speakable(written, "fr") == spoken


def test_blocks_of_code_give_way_to_one_note() -> None:
    text = "First:\n```python\nprint('hi.')\n```\nThen:\n~~~\nx\n~~~\nDone."
    assert speakable(text, "en") == "First: I have left out the code. Then: Done."
    assert speakable("```\nx\n```", "fr") == "Je ne lis pas le code."


@pytest.mark.parametrize(
    "fence", ["```sh ls ``` ok", "```ls```, ok", "  ```\nx\n  ``` ok", "> ```\nx\n``` ok"]
)
def test_a_closed_block_does_not_swallow_what_follows(fence: str) -> None:
    assert speakable(fence, "en") == "I have left out the code. ok"


def test_an_unclosed_block_reaches_to_the_end() -> None:
    assert speakable("See:\n```\nx\n``inner``\n```python\nmore", "en").endswith(
        "left out the code."
    )


@pytest.mark.parametrize("text", ["", " \n", "***", "😀", "---", "|---|", "...", "``", "![](x)"])
def test_nothing_to_say_is_empty(text: str) -> None:
    assert speakable(text, "en") == ""


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mr. Smith met Dr. J. R. Jones of St. Louis, e.g. in Fig. 3 or No. 5"),
        ("en", "J.K. Rowling, John F. Kennedy and the U.S. Army"),
        ("fr", "M. Dupont, env. 5 ans av. J.-C. ou le 3 janv. 2020"),
    ],
)
def test_espeak_hears_one_sentence(language: str, text: str) -> None:
    phonemizer, voice = EspeakPhonemizer(), {"en": "en-us", "fr": "fr"}[language]
    assert len(phonemizer.phonemize(voice, text)) > 1
    assert len(phonemizer.phonemize(voice, speakable(text, language))) == 1


@pytest.mark.parametrize(
    "unit", ["..", "1.", "1,", "[(", "a.", "a@", "# ", "<a ", "$1,", "A. ", "—"]
)
def test_no_pattern_runs_away(unit: str) -> None:
    """Within the test's time limit: a pattern that tries every reading would take years."""
    assert len(speakable(unit * 1000, "en")) <= 20_000
