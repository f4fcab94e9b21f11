"""Bringing an index up to date with the files that its owner added."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from heisenberg.knowledge.base import Embedder, IndexedDocument, KnowledgeIndex, Passage, Vectors
from heisenberg.knowledge.documents.base import Unreadable
from heisenberg.knowledge.documents.reading import digest_of, passages_in, read_bytes
from heisenberg.knowledge.documents.walking import documents_in
from heisenberg.knowledge.embedded_text import embedded_text

_AT_ONCE: Final = 64
"""Passages that are embedded together; interrupted, an update loses no more work than that."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, and why, without a full stop."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far an update is: of the ``documents`` that are new or changed, ``done`` are in the
    index; ``passages`` are those that were embedded. ``path`` is what is being read."""

    done: int
    documents: int
    passages: int
    path: str


OnProgress: TypeAlias = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did, in documents; ``passages`` are those of what is new or changed."""

    added: int
    changed: int
    unchanged: int
    removed: int
    passages: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Survey:
    """The files there are, each with the path that was added; which of them are to be read, and
    what is to leave the index."""

    files: dict[str, str] = field(default_factory=dict)
    to_read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    """Folders that were added and are not there: deleted, or on a disk that is not plugged in."""
    problems: list[Problem] = field(default_factory=list)

    def tell(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(str(path), reason))


@dataclass(frozen=True, slots=True)
class _Document:
    record: IndexedDocument
    passages: Sequence[Passage]


async def update_index(
    index: KnowledgeIndex,
    embedder: Embedder,
    roots: Collection[str],
    within: Collection[str] | None = None,
    on_progress: OnProgress = lambda _step: None,
) -> Update:
    """Read what is new or has changed in ``roots``, paths that the owner added.

    ``within`` says at or below which paths something can have changed. What can't be read is a
    problem, and not in the index. Interrupted, it leaves every document as it was or as it is now,
    and the next update goes on.
    """
    known = {document.path: document for document in await index.documents()}
    survey = await _survey(known, roots, within)
    done = passages = 0

    def tell(path: str, embedded: int) -> None:
        nonlocal passages
        passages += embedded
        on_progress(Step(done, len(survey.to_read), passages, path))

    await _mark(index, [root for root in survey.away if root not in known], embedder.dimensions)
    await index.remove([path for path in survey.gone if path in known])
    async for documents in _portions(survey):
        vectors = await _embedded(embedder, documents, tell)
        for document in documents:
            count = len(document.passages)
            own, vectors = vectors[:count], vectors[count:]
            await index.replace(document.record, document.passages, own)
            done += 1
            tell(document.record.path, 0)
    gone = [path for path in survey.gone if path in known]
    await index.remove(gone)  # with those that could not be read after all
    read = set(survey.to_read) - set(survey.gone)
    changed = len(read & known.keys())
    unchanged = len(survey.files) - len(survey.to_read)
    left = sum(not known[path].is_away for path in gone)
    return Update(len(read) - changed, changed, unchanged, left, passages, tuple(survey.problems))


async def _mark(index: KnowledgeIndex, away: Sequence[str], dimensions: int) -> None:
    """That these were added is kept, in a document without passages; before what was in them
    leaves, so that an update that is interrupted forgets nothing."""
    for root in away:
        await index.replace(IndexedDocument.away(root), [], np.zeros((0, dimensions), np.float16))


async def _survey(
    known: Mapping[str, IndexedDocument], roots: Collection[str], within: Collection[str] | None
) -> _Survey:
    survey = _Survey()
    await asyncio.to_thread(_list, survey, sorted(roots))

    def concerned(path: str) -> bool:
        return within is None or is_in(path, within)

    folders = {one.root for one in known.values() if one.path != one.root or one.is_away}
    for root in survey.away:
        back = "should it come back, it is read again" if root in folders else "it is left out"
        survey.tell(Path(root), f"it is not there; {back}")
    survey.away = [root for root in survey.away if root in folders]
    for path, document in known.items():
        is_there = path in survey.files or (document.is_away and path in survey.away)
        if document.root in roots and not is_there and (document.is_away or concerned(path)):
            survey.gone.append(path)
    survey.files = {path: root for path, root in survey.files.items() if concerned(path)}
    for path in list(survey.files):
        try:
            digest = await asyncio.to_thread(_digest, path)
        except Unreadable as exc:
            survey.tell(Path(path), str(exc))
            survey.gone.append(path)
            del survey.files[path]
        else:
            if path not in known or known[path].digest != digest:
                survey.to_read.append(path)
    return survey


def _list(survey: _Survey, roots: Sequence[str]) -> None:
    for root in roots:
        path = Path(root)
        if path.is_dir():
            found = [str(file) for file in documents_in(path, survey.tell)]
        elif path.exists():
            found = [root]
        else:
            survey.away.append(root)
            continue
        for file in found:  # one that is in two of them belongs to the upper one, which is first
            survey.files.setdefault(file, root)


def is_in(path: str, folders: Collection[str]) -> bool:
    """Whether ``path`` is one of ``folders``, or below one."""
    return path in folders or any(str(above) in folders for above in Path(path).parents)


def _digest(path: str) -> str:
    return digest_of(read_bytes(Path(path)))


async def _portions(survey: _Survey) -> AsyncIterator[list[_Document]]:
    """The documents to be read, as many at once as have passages enough."""
    begun: list[_Document] = []
    for path in survey.to_read:
        try:
            begun.append(await asyncio.to_thread(_read, path, survey.files[path]))
        except Unreadable as exc:
            survey.tell(Path(path), str(exc))
            survey.gone.append(path)
        if sum(len(document.passages) for document in begun) >= _AT_ONCE:
            yield begun
            begun = []
    if begun:
        yield begun


def _read(path: str, root: str) -> _Document:
    data = read_bytes(Path(path))
    passages = passages_in(Path(path), data)
    return _Document(IndexedDocument(path, root, digest_of(data), len(passages)), passages)


async def _embedded(
    embedder: Embedder, documents: Sequence[_Document], tell: Callable[[str, int], None]
) -> Vectors:
    """One vector for each passage of the documents."""
    passages = [passage for document in documents for passage in document.passages]
    parts = []
    for begin in range(0, len(passages), _AT_ONCE):
        some = passages[begin : begin + _AT_ONCE]
        tell(some[0].file, 0)
        parts.append(await embedder.embed([embedded_text(passage) for passage in some]))
        tell(some[-1].file, len(some))
    return np.concatenate(parts)
