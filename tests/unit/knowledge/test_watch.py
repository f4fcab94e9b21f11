from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.errors import InputError
from heisenberg.knowledge.library import Library
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.knowledge.rules import Rules
from heisenberg.knowledge.updating import Update
from heisenberg.knowledge.watch import watch
from tests.fakes.knowledge import MemoryIndex, ScriptedEmbedder


@pytest_asyncio.fixture
async def library() -> AsyncIterator[Library]:
    made = Library(MemoryIndex("scripted"), ScriptedEmbedder(), QuestionWords([]), Rules())
    yield made
    await made.aclose()


class Watching:
    """A watch in the background; ``until`` waits for an update like that."""

    def __init__(self, library: Library) -> None:
        self._updates: asyncio.Queue[Update] = asyncio.Queue()
        self._task = asyncio.ensure_future(watch(library, self._updates.put_nowait))

    async def until(self, wanted: Callable[[Update], bool]) -> None:
        async with asyncio.timeout(20):
            while True:
                told = asyncio.ensure_future(self._updates.get())
                await asyncio.wait({told, self._task}, return_when=asyncio.FIRST_COMPLETED)
                if self._task.done():
                    told.cancel()
                    self._task.result()
                if wanted(told.result()):
                    return

    async def stop(self) -> None:
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task


async def names(library: Library) -> list[str]:
    return [Path(document.path).name for document in await library.documents()]


async def test_what_changes_is_in_the_index_soon(library: Library, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.md").write_text("one")
    (tmp_path / "b.md").write_text("two")
    await library.add([tmp_path])
    (tmp_path / "b.md").write_text("changed before anybody looked")
    watching = Watching(library)
    await watching.until(lambda update: update.changed == 1)
    (tmp_path / "sub" / "c.md").write_text("three")
    await watching.until(lambda update: update.added == 1)
    (tmp_path / "a.md").unlink()
    await watching.until(lambda update: update.removed == 1)
    assert await names(library) == ["b.md", "c.md"]
    (tmp_path / ".heisenbergignore").write_text("sub/\n")
    await watching.until(lambda update: update.removed == 1)
    assert await names(library) == ["b.md"]
    await watching.stop()


async def test_a_single_file_that_is_replaced_is_still_watched(
    library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "a.md"
    file.write_text("one")
    await library.add([file])
    watching = Watching(library)
    await watching.until(lambda update: update.unchanged == 1)
    for text in ("two", "three"):
        (tmp_path / "new").write_text(text)
        (tmp_path / "new").rename(file)
        await watching.until(lambda update: update.changed == 1)
    (tmp_path / "beside.md").write_text("not added")
    await watching.stop()
    assert await names(library) == ["a.md"]


async def test_without_documents_there_is_nothing_to_watch(library: Library) -> None:
    with pytest.raises(InputError, match="nothing to watch"):
        await watch(library, lambda _update: None)
