"""How long a search takes in many passages, and whether the nearest are found."""

from __future__ import annotations

import asyncio
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from heisenberg.core.errors import InputError
from heisenberg.knowledge.base import (
    Embedder,
    IndexedDocument,
    KnowledgeIndex,
    Passage,
    Vectors,
)
from heisenberg.knowledge.documents.base import Unreadable
from heisenberg.knowledge.documents.reading import passages_in, read_bytes
from heisenberg.knowledge.documents.walking import documents_in
from heisenberg.knowledge.embedded_text import embedded_text
from heisenberg.knowledge.fusion import fused
from heisenberg.knowledge.question_words import QuestionWords

_CANDIDATES: Final = 30
_NEAREST: Final = 10
_EMBEDDED_WORDS: Final = 16
"""Of each passage: a hundred thousand whole ones would take half an hour to embed, and the vectors
of real text are spread like those of real text however short it is."""
_AT_ONCE: Final = 256
_ROUNDING: Final = 1e-4


@dataclass(frozen=True, slots=True)
class SearchReport:
    """Seconds of each search; ``recall`` is the share of the truly nearest ten that were found."""

    passages: int
    filled_s: float
    with_embedding_s: tuple[float, ...]
    without_embedding_s: tuple[float, ...]
    recall: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "passages": self.passages,
            "searches": len(self.without_embedding_s),
            "filled_s": round(self.filled_s, 1),
            "with_embedding_s": _quantiles(self.with_embedding_s),
            "without_embedding_s": _quantiles(self.without_embedding_s),
            "recall_at_10": round(self.recall, 4),
        }


async def real_passages(count: int) -> list[Passage]:
    """Passages of real files: those of the packages that are installed here.

    Raises ``InputError`` when there are fewer.
    """
    found = await asyncio.to_thread(lambda: list(islice(_installed(), count)))
    if len(found) < count:
        raise InputError(f"Here are only {len(found)} passages.", "Ask for fewer.")
    return found


async def embedded(
    embedder: Embedder, passages: Sequence[Passage], report: Callable[[int], None]
) -> Vectors:
    """A vector for the first words of each passage; ``report`` hears how many there are."""
    parts = []
    for begin in range(0, len(passages), _AT_ONCE):
        some = passages[begin : begin + _AT_ONCE]
        texts = [" ".join(embedded_text(one).split()[:_EMBEDDED_WORDS]) for one in some]
        parts.append(await embedder.embed(texts))
        report(begin + len(some))
    return np.concatenate(parts)


async def bench_search(
    index: KnowledgeIndex,
    embedder: Embedder,
    passages: Sequence[Passage],
    vectors: Vectors,
    questions: Sequence[str],
) -> SearchReport:
    """Fill ``index``, which is new, and search it for every question, once by each way."""
    began_s = time.perf_counter()
    await _fill(index, passages, vectors)
    filled_s = time.perf_counter() - began_s
    words = await asyncio.to_thread(QuestionWords.load)
    asked = await embedder.embed(questions)
    with_s, without_s, recalls = [], [], []
    for question, vector in zip(questions, asked, strict=True):
        began_s = time.perf_counter()
        (own,) = await embedder.embed([question])
        found = await index.search(words.of(question), own[None], _CANDIDATES)
        fused(found, words.of(question))
        with_s.append(time.perf_counter() - began_s)
        began_s = time.perf_counter()
        found = await index.search(words.of(question), vector[None], _CANDIDATES)
        fused(found, words.of(question))
        without_s.append(time.perf_counter() - began_s)
        least = _tenth(vectors, vector) - _ROUNDING
        recalls.append(
            sum(one.similarity >= least for one in found.by_vector[:_NEAREST]) / _NEAREST
        )
    return SearchReport(
        len(passages), filled_s, tuple(with_s), tuple(without_s), float(np.mean(recalls))
    )


def _installed() -> Iterator[Passage]:
    seen = set()
    root = Path(sysconfig.get_paths()["purelib"]).resolve()
    for file in documents_in(root, lambda _path, _why: None):
        try:
            found = passages_in(file, read_bytes(file))
        except Unreadable:
            continue
        for passage in found:
            if passage.text not in seen:  # a licence comes with every package
                seen.add(passage.text)
                yield passage


async def _fill(index: KnowledgeIndex, passages: Sequence[Passage], vectors: Vectors) -> None:
    numbered = list(enumerate(passages))
    for file, group in groupby(numbered, key=lambda one: one[1].file):
        rows = list(group)
        own = [passage for _, passage in rows]
        document = IndexedDocument(file, file, "bench", len(own))
        await index.replace(document, own, vectors[[at for at, _ in rows]])


def _tenth(vectors: Vectors, vector: Vectors) -> float:
    """How near the tenth of the truly nearest is; several may be as near as that."""
    similarities = vectors.astype(np.float32) @ vector.astype(np.float32)
    return float(np.partition(similarities, -_NEAREST)[-_NEAREST])


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = (round(float(value), 5) for value in np.percentile(values, (50, 95)))
    return {"p50": p50, "p95": p95}
