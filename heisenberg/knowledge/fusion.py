"""Two rankings made into one, or into nothing where nothing has to do with the question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.base import Found, Hit, Passage

NEAR: Final = 0.21
"""The cosine from which a passage has to do with a question (ADR 0022)."""

_MOST_EXACT: Final = 5
_EXACT_SCORE: Final = 0.5
"""Of a passage that holds every word of the question, whatever the vectors say."""

_K: Final = 10
"""How little the first places count against the next ones. Cormack, Clarke and Büttcher,
"Reciprocal Rank Fusion outperforms Condorcet and individual rank learning methods", 2009, take 60
for rankings of a thousand; ours have thirty, of which a few are looked at."""
_VECTOR_WEIGHT: Final = 2.0
"""People ask in other words than the documents'."""


def fused(found: Found, words: Collection[str], *, least: float = NEAR) -> list[Hit]:
    """What was found in either way, the best by both first (reciprocal rank fusion); what a
    section has more than its best passage, behind all sections.

    ``words`` are those of the question that say what it is about. A passage scores the cosine, or
    more where it holds all of them. Empty where none scores ``least``.
    """
    weights: dict[Passage, float] = {}
    scores: dict[Passage, float] = {}
    for ranking, weight in ((found.by_vector, _VECTOR_WEIGHT), (found.by_words, 1.0)):
        for place, candidate in enumerate(ranking, 1):
            passage = candidate.passage
            weights[passage] = weights.get(passage, 0.0) + weight / (_K + place)
            scores[passage] = min(1.0, max(0.0, candidate.similarity))
    # Who holds every word is among the first by words.
    for candidate in found.by_words[:_MOST_EXACT]:
        if words and _holds_all(candidate.passage, words):
            scores[candidate.passage] = max(_EXACT_SCORE, scores[candidate.passage])
    if max(scores.values(), default=0.0) < least:
        return []
    best = sorted(weights, key=lambda passage: weights[passage], reverse=True)
    worded = {candidate.passage for candidate in found.by_words}
    return [
        Hit(one, scores[one], is_near=scores[one] >= least, shares_words=one in worded)
        for one in _sections_first(best, scores, least)
    ]


def _sections_first(
    passages: Sequence[Passage], scores: Mapping[Passage, float], least: float
) -> list[Passage]:
    """Who looks at a few sees as many places: that one is right decides more than its neighbour. A
    text without headings is no section, and what scores less than ``least`` no place."""
    seen: set[tuple[str, str]] = set()
    firsts: list[Passage] = []
    others: list[Passage] = []
    for passage in passages:
        section = (passage.file, passage.heading)
        (others if passage.heading and section in seen else firsts).append(passage)
        seen.add(section)
    near = [at for at, passage in enumerate(firsts, 1) if scores[passage] >= least]
    end = max(near, default=0)
    return [*firsts[:end], *others, *firsts[end:]]


def _holds_all(passage: Passage, words: Collection[str]) -> bool:
    held = bare_words(f"{passage.heading} {passage.text}").split()
    return set(words).issubset(held)
