from __future__ import annotations

from heisenberg.knowledge.base import Candidate, Found, Passage
from heisenberg.knowledge.fusion import NEAR, fused


def candidate(name: str, similarity: float, text: str = "words") -> Candidate:
    return Candidate(Passage(name, "", 1, text), similarity)


def order(found: Found, *words: str) -> list[str]:
    return [hit.passage.file for hit in fused(found, words)]


def test_what_is_good_in_both_ways_comes_first() -> None:
    a, b, c = candidate("a", 0.6), candidate("b", 0.5), candidate("c", 0.4)
    assert order(Found([b, c], [a, b])) == ["b", "a", "c"]


def test_meaning_counts_for_more_than_words() -> None:
    a, b = candidate("a", 0.6), candidate("b", 0.1)
    assert order(Found([b], [a])) == ["a", "b"]


def test_the_score_is_how_near_a_passage_is() -> None:
    hits = fused(Found([], [candidate("a", 0.6), candidate("b", -0.2)]), ())
    assert [hit.score for hit in hits] == [0.6, 0.0]
    (hit,) = fused(Found([], [candidate("a", 1.0004)]), ())
    assert hit.score == 1.0


def test_nothing_near_is_nothing() -> None:
    far = candidate("a", NEAR - 0.01)
    assert order(Found([far], [far])) == []
    assert order(Found([], [])) == []
    assert order(Found([far], [far, candidate("b", NEAR)])) == ["a", "b"]


def test_who_asks_in_the_document_s_own_words_finds_it() -> None:
    far = candidate("a", 0.05, "The evdev_key of Müller")
    assert order(Found([far], [far]), "evdev", "muller") == ["a"]
    assert order(Found([far], [far]), "evdev", "cat") == []


def test_sure_is_what_is_near_and_shares_a_word_or_is_very_near() -> None:
    alike, with_word, far = candidate("a", 0.4), candidate("b", 0.3), candidate("c", NEAR - 0.1)
    hits = {one.passage.file: one for one in fused(Found([with_word, far], [alike, with_word]), ())}
    assert {name: one.is_sure for name, one in hits.items()} == {"a": False, "b": True, "c": False}
    assert {name: one.is_near for name, one in hits.items()} == {"a": True, "b": True, "c": False}
    assert fused(Found([], [candidate("a", 0.5)]), ())[0].is_sure


def _in_section(heading: str, similarity: float) -> Candidate:
    return Candidate(Passage("a", heading, 1, str(similarity)), similarity)


def test_another_section_goes_before_the_next_passage_of_one() -> None:
    best, next_best = _in_section("Pumps", 0.6), _in_section("Pumps", 0.5)
    other, far = _in_section("Tanks", 0.4), _in_section("Valves", NEAR - 0.1)
    hits = fused(Found([], [best, next_best, other, far]), ())
    assert [hit.score for hit in hits] == [0.6, 0.4, 0.5, far.similarity]


def test_a_text_without_headings_is_no_section() -> None:
    hits = fused(Found([], [_in_section("", 0.6), _in_section("", 0.5), _in_section("B", 0.4)]), ())
    assert [hit.score for hit in hits] == [0.6, 0.5, 0.4]
