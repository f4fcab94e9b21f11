"""What every index of documents does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.errors import HeisenbergError, KnowledgeError
from heisenberg.knowledge.base import IndexedDocument, KnowledgeIndex, Passage
from heisenberg.knowledge.postgres import PostgresIndex
from heisenberg.knowledge.sqlite import SqliteIndex
from tests.fakes.knowledge import MemoryIndex, vectors_of


@dataclass
class Indexes:
    """Opens the same index again and again, with any embedding model."""

    make: Callable[[str], Awaitable[KnowledgeIndex]]
    opened: list[KnowledgeIndex] = field(default_factory=list)

    async def open(self, model: str = "one") -> KnowledgeIndex:
        index = await self.make(model)
        self.opened.append(index)
        return index


@pytest_asyncio.fixture(params=["fake", "sqlite", "postgres"])
async def indexes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Indexes]:
    kept: dict[str, object] = {}
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")

    async def make(model: str) -> KnowledgeIndex:
        if request.param == "sqlite":
            return await SqliteIndex.open(tmp_path / "index.db", model)
        if request.param == "postgres":
            return await PostgresIndex.open(url, model)
        return MemoryIndex(model, kept)

    found = Indexes(make)
    yield found
    for index in found.opened:
        await index.aclose()


async def keep(
    index: KnowledgeIndex, path: str, *texts: str, digest: str = "d", size: int = 64
) -> None:
    passages = [Passage(path, "", line, text) for line, text in enumerate(texts, 1)]
    document = IndexedDocument(path, "/docs", digest, len(texts))
    await index.replace(document, passages, vectors_of(texts, size))


async def found(
    index: KnowledgeIndex, words: Sequence[str] = (), near: str = "", limit: int = 10
) -> tuple[list[str], list[str]]:
    """The texts found by words, and those by vector."""
    result = await index.search(words, vectors_of([near]) if near else None, limit)
    return (
        [one.passage.text for one in result.by_words],
        [one.passage.text for one in result.by_vector],
    )


async def test_a_new_index_is_empty(indexes: Indexes) -> None:
    index = await indexes.open()
    assert await index.documents() == []
    assert await found(index, ["cat"], "cat") == ([], [])
    await index.remove(["/docs/nothing.md"])


async def test_documents_are_listed_by_path(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/b.md", "one", "two", digest="2")
    await keep(index, "/docs/a.md", "three", digest="1")
    assert await index.documents() == [
        IndexedDocument("/docs/a.md", "/docs", "1", 1),
        IndexedDocument("/docs/b.md", "/docs", "2", 2),
    ]


async def test_passages_come_back_as_they_were(indexes: Indexes) -> None:
    index = await indexes.open()
    text = '  Ünïcode 語\n\n\tcode\'s "quotes" %s\n'
    passage = Passage("/docs/é b.md", "Install > Linux", 12, text)
    document = IndexedDocument("/docs/é b.md", "/docs", "d", 1)
    await index.replace(document, [passage], vectors_of([passage.text]))
    result = await index.search(["linux"], vectors_of([passage.text]), 5)
    assert [one.passage for one in result.by_words] == [passage]
    assert [one.passage for one in result.by_vector] == [passage]
    assert result.by_vector[0].similarity == pytest.approx(1.0, abs=5e-3)
    assert result.by_words[0].similarity == pytest.approx(1.0, abs=5e-3)


async def test_any_of_the_words_finds_and_more_of_them_come_first(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(
        index,
        "/docs/a.md",
        "The cat sleeps on the sofa.",
        "The dog and the cat are friends.",
        "It rains.",
    )
    by_words, by_vector = await found(index, ["dog", "cat"])
    assert by_words == ["The dog and the cat are friends.", "The cat sleeps on the sofa."]
    assert by_vector == []


async def test_case_accents_and_endings_make_no_difference(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/a.md", "Les CAFÉS sont fermés.", "Opening hours")
    assert (await found(index, ["cafes"]))[0] == ["Les CAFÉS sont fermés."]
    assert (await found(index, ["opening", "hour"]))[0] == ["Opening hours"]


async def test_words_are_words_and_no_language_of_queries(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/a.md", "neither fish nor flesh", "near")
    for words in (["near"], ["not"], ["or", "near"], ["and"]):
        await index.search(words, None, 5)
    assert (await found(index, ["near", "not"]))[0] == ["near"]


async def test_the_closest_vectors_come_first_and_no_more_than_asked_for(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/a.md", "green apple", "green", "red wine", "blue sky")
    _, by_vector = await found(index, near="green apple", limit=2)
    assert by_vector == ["green apple", "green"]
    by_words, _ = await found(index, ["green", "red", "blue"], limit=2)
    assert len(by_words) == 2


async def test_a_document_is_replaced_as_a_whole(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/a.md", "old words", "more old words", digest="1")
    await keep(index, "/docs/a.md", "new words", digest="2")
    assert await index.documents() == [IndexedDocument("/docs/a.md", "/docs", "2", 1)]
    assert await found(index, ["words"], "old words") == (["new words"], ["new words"])


async def test_what_is_removed_is_not_found(indexes: Indexes) -> None:
    index = await indexes.open()
    await keep(index, "/docs/a.md", "one fish")
    await keep(index, "/docs/b.md", "two fish")
    await index.remove(["/docs/a.md", "/docs/c.md"])
    assert [one.path for one in await index.documents()] == ["/docs/b.md"]
    assert await found(index, ["fish"], "one fish") == (["two fish"], ["two fish"])


async def test_another_one_that_is_open_sees_what_changes(indexes: Indexes) -> None:
    writer, reader = await indexes.open(), await indexes.open()
    await keep(writer, "/docs/a.md", "one fish")
    assert (await found(reader, ["fish"]))[0] == ["one fish"]
    await writer.aclose()
    assert [one.path for one in await reader.documents()] == ["/docs/a.md"]


async def test_two_who_write_at_once_both_succeed(indexes: Indexes) -> None:
    first, second = await indexes.open(), await indexes.open()
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(keep(first, f"/docs/a{number}.md", "one fish"))
            group.create_task(keep(second, f"/docs/b{number}.md", "two fish"))
            group.create_task(keep(second, "/docs/same.md", "red fish"))
    assert len(await first.documents()) == 9


async def test_with_another_embedding_model_it_is_made_anew(indexes: Indexes) -> None:
    before = await indexes.open("one")
    await keep(before, "/docs/a.md", "one fish")
    await keep(before, "/docs/b.md", "two fish")
    after = await indexes.open("two")
    with pytest.raises(KnowledgeError, match="made with the embedding model one"):
        await after.search(["fish"], None, 5)
    assert [one.digest for one in await after.documents()] == ["", ""]
    await keep(after, "/docs/a.md", "one fish", size=32)
    assert [(one.path, one.digest) for one in await after.documents()] == [
        ("/docs/a.md", "d"),
        ("/docs/b.md", ""),
    ]
    result = await after.search(["fish"], vectors_of(["fish"], 32), 5)
    assert len(result.by_words) == len(result.by_vector) == 1
    with pytest.raises(KnowledgeError, match="made with the embedding model two"):
        await before.search(["fish"], None, 5)


async def test_closed_it_says_so(indexes: Indexes) -> None:
    index = await indexes.open()
    await index.aclose()
    with pytest.raises(HeisenbergError):
        await index.documents()
