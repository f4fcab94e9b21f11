from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import apsw
import pytest

from heisenberg.core.errors import KnowledgeError
from heisenberg.knowledge.base import IndexedDocument, Passage
from heisenberg.knowledge.sqlite import SqliteIndex
from tests.fakes.knowledge import vectors_of


async def fill(path: Path, count: int = 3) -> None:
    index = await SqliteIndex.open(path, "one")
    for number in range(count):
        file = f"/docs/{number}.md"
        passages = [Passage(file, "", line, f"fish {line}") for line in range(1, 40)]
        vectors = vectors_of([one.text for one in passages])
        await index.replace(IndexedDocument(file, "/docs", "d", 39), passages, vectors)
    await index.aclose()


async def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "index.db"
    index = await SqliteIndex.open(path, "one")
    await index.replace(
        IndexedDocument("/a", "/", "d", 1), [Passage("/a", "", 1, "fish")], vectors_of(["fish"])
    )
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(files) >= {"index.db", "index.db-wal"}
    assert set(files.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await index.aclose()
    assert [file.name for file in path.parent.iterdir()] == ["index.db"]


async def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    await fill(path)
    data = bytearray(await asyncio.to_thread(path.read_bytes))
    for begin in range(4096, len(data), 4096):
        data[begin : begin + 2000] = b"\xff" * 2000
    await asyncio.to_thread(path.write_bytes, data)
    with pytest.raises(KnowledgeError, match=r"index\.db is damaged") as error:
        index = await SqliteIndex.open(path, "one")
        try:
            await index.search(["fish"], vectors_of(["fish"]), 5)
        finally:
            await index.aclose()
    assert "Delete it" in error.value.hint


async def test_what_is_no_index_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    await asyncio.to_thread(path.write_text, "my diary\n" * 500)
    with pytest.raises(KnowledgeError, match="damaged"):
        await SqliteIndex.open(path, "one")
    assert "my diary" in await asyncio.to_thread(path.read_text)
    other = tmp_path / "other.db"
    apsw.Connection(str(other)).execute("CREATE TABLE mine (x)")
    with pytest.raises(KnowledgeError, match="is no index of documents"):
        await SqliteIndex.open(other, "one")


async def test_one_of_another_version_is_said(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    await fill(path)
    apsw.Connection(str(path)).execute("PRAGMA user_version = 99")
    with pytest.raises(KnowledgeError, match="another version"):
        await SqliteIndex.open(path, "one")


async def test_a_place_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="can't be used"):
        await SqliteIndex.open(tmp_path, "one")  # a folder
    (tmp_path / "file").write_text("")
    with pytest.raises(KnowledgeError, match="can't be used"):
        await SqliteIndex.open(tmp_path / "file" / "index.db", "one")


async def test_it_is_opened_and_read_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    await fill(path)
    writer = apsw.Connection(str(path))
    writer.execute("BEGIN IMMEDIATE; UPDATE documents SET digest = 'new'")
    index = await SqliteIndex.open(path, "one")
    assert {one.digest for one in await index.documents()} == {"d"}
    assert (await index.search(["fish"], vectors_of(["fish"]), 5)).by_words
    writer.execute("COMMIT")
    assert {one.digest for one in await index.documents()} == {"new"}
    await index.aclose()
