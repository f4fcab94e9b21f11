"""Passages of documents, what turns text into vectors, and what keeps both to be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float16]
"""One row for each text, of unit length."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be read by itself.

    ``file`` is an absolute path. ``heading`` is the path of headings that lead there, as in
    "Install > Linux", and may be empty; of a PDF it is the page. ``line`` is the first one of
    ``text``, from 1, in the file; of a PDF, in the page.
    """

    file: str
    heading: str
    line: int
    text: str


_AWAY: Final = "away"
SURE: Final = 0.5
"""The cosine from which a passage is about the question without a word in common (ADR 0022)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a question may be answered from.

    ``score``, from 0 to 1, tells how surely it has to do with the question, not how surely it
    answers it. ``is_near``: it may have to do with it at all; ``shares_words``: it holds one of its
    words that tell something.
    """

    passage: Passage
    score: float
    is_near: bool = True
    shares_words: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether it has to do with the question beyond the likeness of any two sentences: in a
        language that the embedding model hardly knows, all of them are somewhat alike."""
        return self.is_near and (self.shares_words or self.score >= SURE)


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A file in the index.

    ``root`` is the path that the owner added, the file itself or a folder above it. ``digest`` is
    that of what was read; empty where it must be read again whatever it holds. ``passages`` counts.
    A folder that was added and is not there now is a document of its own, without passages.
    """

    path: str
    root: str
    digest: str
    passages: int

    @classmethod
    def away(cls, folder: str) -> Self:
        """A folder that is not there now."""
        return cls(folder, folder, _AWAY, 0)

    @property
    def is_away(self) -> bool:
        return self.digest == _AWAY


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that an index found.

    ``similarity`` is the cosine between its vector and the question's, 0.0 where none was given.
    """

    passage: Passage
    similarity: float


@dataclass(frozen=True, slots=True)
class Found:
    """What an index found, in two ways, each the best first."""

    by_words: Sequence[Candidate]
    by_vector: Sequence[Candidate]


class Embedder(Protocol):
    """Turns texts into vectors: texts about the same thing lie close to each other."""

    @property
    def name(self) -> str:
        """Which model it is: vectors of different ones can't be compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector for each text, in their order; what a model can't take in is cut off.

        Raises ``EngineError``.
        """
        ...

    async def aclose(self) -> None: ...


class KnowledgeIndex(Protocol):
    """Keeps documents as passages with their vectors; several may use the same one at once.

    Everything raises ``KnowledgeError`` when the index can't be used.
    """

    async def documents(self) -> Sequence[IndexedDocument]:
        """What is in it, by path."""
        ...

    async def replace(
        self, document: IndexedDocument, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        """Keep ``document``, in place of what was kept of it: all of it or, interrupted, nothing.

        Where the index was made with another embedding model, what it holds of others goes: their
        digests are then empty.
        """
        ...

    async def remove(self, paths: Sequence[str]) -> None:
        """Keep nothing of the documents with these paths."""
        ...

    async def search(self, words: Sequence[str], vector: Vectors | None, limit: int) -> Found:
        """The passages that hold any of ``words``, and those whose vectors are closest.

        ``words`` are bare (``bare_words``); ``vector`` has one row, ``None`` finds nothing by it.
        Each way finds ``limit`` passages at most.
        """
        ...

    async def aclose(self) -> None: ...
