"""Whether what answers a question is among the first passages that are found for it."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from heisenberg.bench.knowledge.public_docs import PublicDocs
from heisenberg.core.errors import InputError
from heisenberg.core.resources import checkout
from heisenberg.knowledge.base import Candidate, Embedder, Hit, KnowledgeIndex, Passage
from heisenberg.knowledge.documents.base import HEADING_SEPARATOR
from heisenberg.knowledge.library import Library
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.knowledge.rules import Rules

WAYS: Final = ("hybrid", "words", "vectors")
"""How is searched: by both, as it is in use, and by each alone."""

_DEPTHS: Final = (1, 3, 5)
_OWN: Final = ("README.md", "CONTRIBUTING.md", "docs/adr")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: ``heading`` is the end of a path; ``holds`` is in its text."""

    file: str
    heading: str
    holds: str = ""

    def is_at(self, passage: Passage, folder: Path) -> bool:
        path = f"{HEADING_SEPARATOR}{passage.heading}"
        return (
            passage.file == str(folder / self.file)
            and path.endswith(f"{HEADING_SEPARATOR}{self.heading}")
            and self.holds in passage.text
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a set of documents; no ``places`` mean that nothing there answers it."""

    ask: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions about the documents at ``paths``, whose places are seen from ``folder``."""

    name: str
    folder: Path
    paths: tuple[Path, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and, for each way, at which place (from 0) its first answer was found.

    ``found_any`` tells whether anything was found that an answer would be made from.
    """

    set_name: str
    question: Question
    ranks: dict[str, int | None]
    found_any: bool


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """What came of all questions of all sets."""

    asked: tuple[Asked, ...]

    def as_dict(self) -> dict[str, Any]:
        with_answer = [one for one in self.asked if one.question.places]
        without = [one for one in self.asked if not one.question.places]
        sets = dict.fromkeys(one.set_name for one in with_answer)
        return {
            "questions": len(with_answer),
            "recall": _recall(with_answer),
            "by_set": {
                name: _recall([one for one in with_answer if one.set_name == name]) for name in sets
            },
            "unanswerable": len(without),
            "nothing_near": sum(not one.found_any for one in without),
            "answerable_nothing_near": sum(not one.found_any for one in with_answer),
            "missed": [
                one.question.ask for one in with_answer if not _within(one.ranks["hybrid"], 3)
            ],
        }


def question_sets(public: Path) -> tuple[QuestionSet, QuestionSet]:
    """The sets of ``tests/assets/retrieval.toml``: this project's documents, and those in
    ``public``. Raises ``InputError`` where there is no checkout."""
    root, values = _read()
    own = tuple(root / name for name in _OWN)
    return (
        QuestionSet("own", root, own, _questions(values, "own")),
        QuestionSet("public", public, (public,), _questions(values, "public")),
    )


def public_docs() -> PublicDocs:
    """Which public documents the questions are about."""
    _, values = _read()
    one = values["public"]
    return PublicDocs(one["name"], one["version"], one["sha256"], one["folder"])


async def bench_retrieval(
    sets: Sequence[QuestionSet],
    embedder: Embedder,
    open_index: Callable[[str], Any],
    on_asked: Callable[[Asked], None] = lambda _asked: None,
) -> RetrievalReport:
    """Ask every question of an index of its set; ``open_index`` opens a new one by its name."""
    words = await asyncio.to_thread(QuestionWords.load)
    asked = []
    for one in sets:
        index: KnowledgeIndex = await open_index(one.name)
        library = Library(index, _Lent(embedder), words, Rules())
        try:
            await library.add(one.paths)
            for question in one.questions:
                asked.append(await _ask(one, question, library, index, words))
                on_asked(asked[-1])
        finally:
            await library.aclose()
    return RetrievalReport(tuple(asked))


class _Lent:
    """An embedder that is used by one library after the other."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimensions = embedder.dimensions
        self.embed = embedder.embed

    async def aclose(self) -> None:
        """Left open."""


async def _ask(
    one: QuestionSet,
    question: Question,
    library: Library,
    index: KnowledgeIndex,
    words: QuestionWords,
) -> Asked:
    depth = max(_DEPTHS)
    hits = await library.search(question.ask, depth)
    vector = await library.questions.embed([question.ask])
    found = await index.search(words.of(question.ask), vector, depth)

    def rank(ranking: Iterable[Hit | Candidate]) -> int | None:
        places = (
            at
            for at, item in enumerate(ranking)
            if any(place.is_at(item.passage, one.folder) for place in question.places)
        )
        return next(places, None)

    ranks = dict(zip(WAYS, (rank(hits), rank(found.by_words), rank(found.by_vector)), strict=True))
    return Asked(one.name, question, ranks, any(hit.is_sure for hit in hits))


def _recall(asked: Sequence[Asked]) -> dict[str, dict[str, int | float]]:
    """For each way, how many answers were among the first 1, 3, 5, and the share among three."""
    found: dict[str, dict[str, int | float]] = {}
    for way in WAYS:
        counts: dict[str, int | float] = {
            f"at_{depth}": sum(_within(one.ranks[way], depth) for one in asked) for depth in _DEPTHS
        }
        found[way] = {**counts, "share_at_3": round(counts["at_3"] / len(asked), 3)}
    return found


def _within(rank: int | None, depth: int) -> bool:
    return rank is not None and rank < depth


def _read() -> tuple[Path, dict[str, Any]]:
    root = checkout()
    if root is None:
        raise InputError("There is no checkout to ask about.", "Run it in a clone of the project.")
    text = (root / "tests" / "assets" / "retrieval.toml").read_text(encoding="utf-8")
    return root, tomllib.loads(text)


def _questions(values: dict[str, Any], name: str) -> tuple[Question, ...]:
    answered = [
        Question(one["ask"], (_place(one), *map(_place, one.get("also", ()))))
        for one in values["questions"]
        if one["set"] == name
    ]
    unanswered = [Question(one["ask"], ()) for one in values["unanswerable"] if one["set"] == name]
    return (*answered, *unanswered)


def _place(values: dict[str, str]) -> Place:
    return Place(values["file"], values["heading"], values.get("holds", ""))
