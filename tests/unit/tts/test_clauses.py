"""How a reply is cut into clauses while it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.speakable import speakable

_SIMPLE_WORDS = """
the a Paris France is and which of in to it's water people Mr. Dr. e.g. etc. a.m. U.S. J. No. St.
3.14 1,000.50 10:30 v1.2.3 42 3. 1. $5 €20 50% 20°C km 10-12 hello, there; note: well... end. stop!
why? «Oui» "Hello." (yes) **bold** *it* `code` https://example.com/a,b.c www.x.org. a@b.com main.py
[link](https://x.org/a.b) — – - -> = + / 😀 snake_case ~5 #1 C# x² War II
"""
WORDS = [*_SIMPLE_WORDS.split(), "`a, b. C d`", "[two words. Here](http://y.z)"]
GAPS = [
    *[" "] * 6,
    *["\n", "\n\n", "  ", "\n- ", "\n1. ", "\n## ", "\n| ", " | ", "\n> "],
    *["\n```py\nx = 1. y\n```\n", "\n~~~\nz\n~~~\n\n"],
]
REPLIES = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS)), max_size=120).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=6)
LANGUAGES = st.sampled_from(["en", "fr"])

FRANCE = "The capital of France is Paris. It has 2.1 million people, and lies on the Seine."


def clauses(reply: str, language: str = "en", sizes: list[int] | None = None) -> list[str]:
    """What a splitter makes of a reply that comes in pieces of these sizes, over and over."""
    splitter = ClauseSplitter(language)
    result: list[str] = []
    start = step = 0
    while start < len(reply):
        size = sizes[step % len(sizes)] if sizes else len(reply)
        result += splitter.push(reply[start : start + size])
        start, step = start + size, step + 1
    return result + splitter.flush()


def spoken_words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@settings(deadline=None)
@given(REPLIES, SIZES, LANGUAGES)
def test_the_pieces_make_no_difference_and_no_word_is_lost(
    reply: str, sizes: list[int], language: str
) -> None:
    cut = clauses(reply, language, sizes)
    assert cut == clauses(reply, language)
    assert all(any(map(str.isalnum, clause)) for clause in cut)
    assert spoken_words(" ".join(cut)) == spoken_words(speakable(reply, language))


@settings(deadline=None)
@given(st.text(max_size=300), SIZES)
def test_any_text_at_all_is_cut_the_same_however_it_comes(text: str, sizes: list[int]) -> None:
    assert clauses(text, sizes=sizes) == clauses(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS[:12]), min_size=200, max_size=400))
def test_no_clause_is_endless_even_without_punctuation(words: list[str]) -> None:
    cut = clauses(" ".join(word.strip(".,;:") for word in words))
    assert max(map(len, cut)) <= 450
    assert len(cut[0]) <= 90


def test_a_clause_is_out_as_soon_as_its_end_is_certain() -> None:
    splitter = ClauseSplitter("en")
    assert splitter.push("The capital of France is Paris.") == []
    assert splitter.push(" It") == ["The capital of France is Paris."]
    assert splitter.push(" is big.") == []
    assert splitter.flush() == ["It is big."]
    assert splitter.flush() == []


@pytest.mark.parametrize(
    ("reply", "first"),
    [
        (FRANCE, "The capital of France is Paris."),
        ("Yes, of course, I can help you with that.", "Yes, of course,"),
        ("Sure! Here are three ideas: first, rest.", "Sure! Here are three ideas:"),
        ("It is red. It was blue.", "It is red."),
        (
            "Photosynthesis is the process by which green plants and some other organisms turn"
            " light into energy.",
            "Photosynthesis is the process by which green plants",
        ),
    ],
)
def test_the_first_clause_is_short(reply: str, first: str) -> None:
    assert clauses(reply)[0] == first


def test_later_clauses_grow() -> None:
    lengths = [len(clause) for clause in clauses("The weather is nice here today. " * 60)]
    assert lengths[:4] == sorted(lengths[:4])
    assert lengths[0] < 40 < lengths[1] < lengths[3]
    assert 100 <= lengths[-2] <= 200


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "We all saw Mr. Smith and Dr. Jones there."),
        ("en", "They lived with Mrs. Lee in St. Louis."),
        ("en", "It opens at 5 p.m. today or at 9 a.m. then."),
        ("en", "I like fruit e.g. apples i.e. red ones etc. too."),
        ("en", "He lives in the U.S. Army base there."),
        ("en", "It was John F. Kennedy and J. K. Rowling."),
        ("en", "Please have a look at No. 5 and Fig. 3 of it."),
        ("en", "This is Paris vs. Rome and Main St. now."),
        ("en", "It costs 1,000.50 or 3.14 or .5 at 10:30 now."),
        ("en", "We like v1.2.3 of main.py a lot here."),
        ("en", "Then we wait... for more… of it."),
        ("en", "Just ask a.b@example.org or example.com/a.b?c:d, e."),
        ("en", 'They all said "Hello." and "Why?" to us.'),
        ("en", "They all said (really!) and went."),
        ("en", "We count 3, 4, 5, 6 and May 5, 2024 here."),
        ("en", "We all know that 10 - 3 is 7 and 10 – 12 too."),
        ("fr", "Nous avons vu M. Dupont et Mme. Durand hier."),
        ("fr", "On peut voir p. ex. env. 3,14 à 14h30 ici."),
        ("fr", "C'était la no. 5 av. J.-C. ou le 3 janv. 2020."),
        ("fr", "Vous avez dit « Oui ! » et « Non. » hier ?"),
    ],
)
def test_what_ends_no_clause(language: str, sentence: str) -> None:
    """Three words would be enough for the first clause, if something ended it."""
    spoken = speakable(sentence, language)
    if "example.com" in sentence:
        spoken = spoken.removesuffix(" e.")
    assert clauses(f"{sentence} Puis Then", language)[0] == spoken


@pytest.mark.parametrize(
    ("reply", "language", "expected"),
    [
        (
            "Je vis près de M. Dupont. Il a 3,14 € à 14h30.",
            "fr",
            ["Je vis près de Monsieur Dupont.", "Il a 3 euros 14 à 14 heures 30."],
        ),
        (
            "Bonjour à tous ! Ça va bien ? « Oui », dit-il.",
            "fr",
            ["Bonjour à tous!", "Ça va bien? « Oui », dit-il."],
        ),
        (
            "Here are three:\n\n1. **Paris** is the capital.\n2. **Rome** is old.\n3. Bern",
            "en",
            ["Here are three:", "1, Paris is the capital. 2, Rome is old.", "3, Bern"],
        ),
        (
            "The items are\n- apples\n- pears\n",
            "en",
            ["The items are.", "apples. pears"],
        ),
        (
            '"It is done." She left. "Why?" he asked.',
            "en",
            ['"It is done."', 'She left. "Why?" he asked.'],
        ),
        (
            "Read [the docs, all. Of them](https://x.org) or `a, b. C`. Then go.",
            "en",
            ["Read the docs, all. Of them or a, b. C.", "Then go."],
        ),
        ("It is 12. He is 3. There", "en", ["It is 12.", "He is 3. There"]),
        ("No. I can not.", "en", ["No. I can not."]),
        ("Do it: 1. Open it now. Then", "en", ["Do it: 1. Open it now.", "Then"]),
        ("Do it\n1. Open it now.\nThen", "en", ["Do it. 1, Open it now.", "Then"]),
        ("Il pèse 1\u202f000\u00a0g ici.", "fr", ["Il pèse 1000 grammes ici."]),
        ("😀 ... 😀", "en", []),
        ("", "en", []),
    ],
)
def test_whole_replies(reply: str, language: str, expected: list[str]) -> None:
    assert clauses(reply, language) == expected


def test_code_is_announced_before_it_is_written_and_then_dropped() -> None:
    splitter = ClauseSplitter("en")
    assert splitter.push("Here you are:\n``") == []
    assert splitter.push("`python\n") == ["Here you are:", "I have left out the code."]
    for _ in range(1000):
        assert splitter.push("print('Hello. There.')  # ``` no fence\n\n") == []
    assert splitter.push("```\nIt says hello.") == []
    assert splitter.push("\n\n```\nagain\n```\n") == ["It says hello."]
    assert splitter.flush() == []


def test_words_without_end_are_cut_somewhere() -> None:
    cut = clauses("a" * 20_000)
    assert len(cut) > 1
    assert "".join(cut) == "a" * 20_000


@pytest.mark.parametrize("opened", ["[", "[a](", "`", "``", "<", "**"])
def test_a_construct_that_is_never_closed_holds_nothing_back_for_ever(opened: str) -> None:
    splitter = ClauseSplitter("en")
    assert splitter.push(opened + "a sentence of five words. " * 200)


def test_an_unknown_language_is_cut_too() -> None:
    assert clauses("Das ist gut so. Und das auch.", "de") == ["Das ist gut so.", "Und das auch."]
