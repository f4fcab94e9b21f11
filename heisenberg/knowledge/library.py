"""The owner's documents: added, searched, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from heisenberg.core.errors import InputError
from heisenberg.knowledge.base import Embedder, Hit, IndexedDocument, KnowledgeIndex
from heisenberg.knowledge.embedding_cache import EmbeddingCache
from heisenberg.knowledge.fusion import fused
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.knowledge.rules import Rules
from heisenberg.knowledge.updating import OnProgress, Update, is_in, update_index

USUAL_LIMIT: Final = 5

_CANDIDATES: Final = 30
"""So many are looked at in each way, for the few that are good in both."""


class Library:
    """What is asked about the documents that their owner added, and nothing else, is found here."""

    def __init__(
        self, index: KnowledgeIndex, embedder: Embedder, words: QuestionWords, rules: Rules
    ) -> None:
        """It closes ``index`` and ``embedder``."""
        self._index = index
        self._embedder = embedder
        self._questions = EmbeddingCache(embedder)
        self._words = words
        self._rules = rules
        self._updating = asyncio.Lock()
        self._holds_any = False

    @property
    def questions(self) -> EmbeddingCache:
        """The vectors of what was asked last."""
        return self._questions

    async def add(
        self, paths: Sequence[Path], on_progress: OnProgress = lambda _step: None
    ) -> Update:
        """Read files and folders into the index, and whatever it holds that must be read again.

        Raises ``InputError`` when one of ``paths`` is not there, and then nothing is done;
        ``KnowledgeError``, ``EngineError``, ``ModelError``.
        """
        roots = {str(path) for path in await asyncio.to_thread(_resolved, paths)}
        documents = await self._index.documents()
        stale = {document.root for document in documents if not document.digest}
        return await self._update(roots | stale, None, on_progress)

    async def refresh(
        self, within: Collection[Path] | None = None, on_progress: OnProgress = lambda _step: None
    ) -> Update:
        """Bring everything that was added up to date: what has changed is read again, and what is
        deleted leaves. ``within`` says at or below which paths something can have changed.

        Raises ``KnowledgeError``, ``EngineError``, ``ModelError``.
        """
        roots = {document.root for document in await self._index.documents()}
        paths = None if within is None else {str(path) for path in within}
        return await self._update(roots, paths, on_progress)

    async def remove(self, paths: Sequence[Path]) -> Sequence[IndexedDocument]:
        """Take files, and all that is in folders, out of the index; the files themselves stay.

        Returns what was taken out. Raises ``InputError`` for a path of which nothing is in it, and
        then nothing is done; ``KnowledgeError``.
        """
        gone: dict[str, IndexedDocument] = {}
        async with self._updating:
            documents = await self._index.documents()
            for path in paths:
                # Where it was when it was added counts, even if it is no longer there.
                resolved = str(await asyncio.to_thread(path.expanduser().resolve))
                found = [one for one in documents if is_in(one.path, (resolved,))]
                if not found:
                    raise InputError(
                        f"Nothing of {path} is in the index.", "'heisenberg docs list' shows it."
                    )
                gone |= {document.path: document for document in found}
            await self._index.remove(list(gone))
            self._holds_any = False
        return tuple(gone.values())

    async def documents(self) -> Sequence[IndexedDocument]:
        """What is in the index. Raises ``KnowledgeError``."""
        return await self._index.documents()

    async def search(self, question: str, limit: int = USUAL_LIMIT) -> Sequence[Hit]:
        """The passages that have to do with ``question``, the best first; none if nothing has.

        What a rule names for it comes first. Raises ``KnowledgeError``, ``EngineError``,
        ``ModelError``, and ``InputError`` for a rule whose file can't be read.
        """
        ruled = await asyncio.to_thread(self._rules.passages, question)
        hits = [Hit(passage, 1.0) for passage in ruled][:limit]
        if len(hits) < limit and await self._holds_documents():
            words = self._words.of(question)
            vector = await self._questions.embed([question])
            found = await self._index.search(words, vector, _CANDIDATES)
            telling = words if self._words.tell(question) else ()
            hits += [hit for hit in fused(found, telling) if hit.passage not in ruled]
        return hits[:limit]

    async def aclose(self) -> None:
        try:
            await self._index.aclose()
        finally:
            await self._questions.aclose()

    async def _holds_documents(self) -> bool:
        """Without any, the embedding model need not be loaded."""
        self._holds_any = self._holds_any or bool(await self._index.documents())
        return self._holds_any

    async def _update(
        self, roots: Collection[str], within: Collection[str] | None, on_progress: OnProgress
    ) -> Update:
        async with self._updating:
            return await update_index(self._index, self._embedder, roots, within, on_progress)


def _resolved(paths: Sequence[Path]) -> list[Path]:
    """Where the paths lead, through links too: their owner names them."""
    found = []
    for path in paths:
        try:
            found.append(path.expanduser().resolve(strict=True))
        except (OSError, RuntimeError) as exc:  # a loop of links is a RuntimeError
            raise InputError(
                f"{path} is not there, or can't be reached.", "Name files or folders to add."
            ) from exc
    return found
