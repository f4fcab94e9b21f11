from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.errors import InputError
from heisenberg.knowledge.base import Vectors
from heisenberg.knowledge.library import Library
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.knowledge.rules import Rule, Rules
from heisenberg.knowledge.updating import Step, Update
from tests.fakes.knowledge import MemoryIndex, ScriptedEmbedder, vectors_of


@dataclass
class Shelf:
    """A library over a folder, and what it is made of."""

    root: Path
    embedder: ScriptedEmbedder = field(default_factory=ScriptedEmbedder)
    kept: dict[str, object] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)

    def open(self) -> Library:
        index = MemoryIndex(self.embedder.name, self.kept)
        words = QuestionWords(["the", "is", "when", "are", "what", "do", "you"])
        return Library(index, self.embedder, words, Rules(self.rules))

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "docs").mkdir()
    return Shelf(tmp_path / "docs")


@pytest_asyncio.fixture
async def library(shelf: Shelf) -> AsyncIterator[Library]:
    opened = shelf.open()
    yield opened
    await opened.aclose()


async def names(library: Library) -> list[str]:
    return [Path(document.path).name for document in await library.documents()]


def counts(update: Update) -> tuple[int, int, int, int]:
    return update.added, update.changed, update.unchanged, update.removed


def problems(update: Update) -> list[tuple[str, str]]:
    return [(Path(one.path).name, one.reason) for one in update.problems]


async def test_what_was_added_is_found(shelf: Shelf, library: Library) -> None:
    file = shelf.write("house.md", "# Bins\nThe bins are emptied on Tuesday.\n\n# Dog\nThe vet.\n")
    assert counts(await library.add([shelf.root])) == (1, 0, 0, 0)
    (hit, *_) = await library.search("When are the bins emptied?")
    assert hit.passage.file == str(file)
    assert (hit.passage.heading, hit.passage.line) == ("Bins", 2)
    assert 0.5 < hit.score <= 1.0


async def test_what_has_to_do_with_nothing_is_not_answered(shelf: Shelf, library: Library) -> None:
    shelf.write("house.md", "The bins are emptied on Tuesday.")
    await library.add([shelf.root])
    assert await library.search("Wer gewann 1954 das Finale?") == []


async def test_an_empty_index_needs_no_model(shelf: Shelf, library: Library) -> None:
    assert await library.search("When are the bins emptied?") == []
    assert shelf.embedder.texts == []


async def test_no_more_hits_than_asked_for(shelf: Shelf, library: Library) -> None:
    for number in range(8):
        shelf.write(f"{number}.md", f"The bins are emptied on day {number}.")
    await library.add([shelf.root])
    assert len(await library.search("bins emptied", limit=3)) == 3
    assert len(await library.search("bins emptied")) == 5


async def test_only_what_changed_is_read_again(shelf: Shelf, library: Library) -> None:
    for name in ("a.md", "b.md", "c.md"):
        shelf.write(name, f"The words of {name}.")
    await library.add([shelf.root])
    shelf.embedder.texts.clear()
    shelf.write("b.md", "Other words.")
    os.utime(shelf.root / "a.md", (1, 1))  # touched, and the same
    (shelf.root / "c.md").unlink()
    shelf.write("new/d.md", "New words.")
    assert counts(await library.refresh()) == (1, 1, 1, 1)
    assert sorted(shelf.embedder.texts) == ["New words.", "Other words."]
    assert await names(library) == ["a.md", "b.md", "d.md"]
    assert counts(await library.refresh()) == (0, 0, 3, 0)


async def test_only_where_something_may_have_changed_is_looked(
    shelf: Shelf, library: Library
) -> None:
    shelf.write("a.md", "One.")
    shelf.write("sub/b.md", "Two.")
    shelf.write("sub/c.md", "Three.")
    await library.add([shelf.root])
    for name in ("a.md", "sub/b.md"):
        shelf.write(name, "Changed.")
    (shelf.root / "sub" / "c.md").unlink()
    update = await library.refresh([shelf.root / "sub"])
    assert counts(update) == (0, 1, 0, 1)


async def test_what_can_not_be_read_is_said_and_the_rest_goes_on(
    shelf: Shelf, library: Library
) -> None:
    shelf.write("good.md", "Good words.")
    (shelf.root / "binary.md").write_bytes(b"\0\1\2")
    shelf.write("empty.md", "")
    shelf.write("broken.pdf", "%PDF-1.4 nothing")
    with (shelf.root / "huge.txt").open("wb") as huge:
        huge.truncate(100_000_000)
    (shelf.root / "loop").symlink_to(shelf.root)
    update = await library.add([shelf.root])
    assert counts(update) == (1, 0, 0, 0)
    assert sorted(problems(update)) == [
        ("binary.md", "it is not text"),
        ("broken.pdf", "it is a broken or encrypted PDF"),
        ("empty.md", "it is empty"),
        ("huge.txt", "it has 100 MB, and documents 10 MB at most"),
        ("loop", "a link; add what it leads to, if that is to be known"),
    ]


async def test_what_can_no_longer_be_read_leaves(shelf: Shelf, library: Library) -> None:
    file = shelf.write("a.md", "The bins are emptied on Tuesday.")
    await library.add([shelf.root])
    file.write_bytes(b"\0")
    update = await library.refresh()
    assert counts(update) == (0, 0, 0, 1)
    assert problems(update) == [("a.md", "it is not text")]
    assert await library.search("bins emptied Tuesday") == []


async def test_a_folder_that_is_gone_takes_its_documents_with_it_and_brings_them_back(
    shelf: Shelf, library: Library
) -> None:
    shelf.write("a.md", "The bins are emptied on Tuesday.")
    await library.add([shelf.root])
    elsewhere = shelf.root.rename(shelf.root.with_name("elsewhere"))
    for removed in (1, 0):
        update = await library.refresh()
        assert counts(update) == (0, 0, 0, removed)
        back = "it is not there; should it come back, it is read again"
        assert problems(update) == [("docs", back)]
        assert await library.search("bins emptied Tuesday") == []
        assert [one.is_away for one in await library.documents()] == [True]

    elsewhere.rename(shelf.root)
    update = await library.refresh()
    assert counts(update) == (1, 0, 0, 0)
    assert problems(update) == []
    assert await names(library) == ["a.md"]


async def test_a_folder_that_is_away_can_be_forgotten(shelf: Shelf, library: Library) -> None:
    shelf.write("a.md", "Words.")
    await library.add([shelf.root])
    shelf.root.rename(shelf.root.with_name("elsewhere"))
    await library.refresh()
    await library.remove([shelf.root])
    assert await library.documents() == []


async def test_a_file_that_was_added_by_itself_and_is_gone_leaves(
    shelf: Shelf, library: Library
) -> None:
    file = shelf.write("a.md", "Words.")
    await library.add([file])
    file.unlink()
    assert problems(await library.refresh()) == [("a.md", "it is not there; it is left out")]
    assert await library.documents() == []


async def test_a_path_that_is_not_there_is_said_before_anything_is_done(
    shelf: Shelf, library: Library
) -> None:
    shelf.write("a.md", "Words.")
    with pytest.raises(InputError, match=r"nothing\.md is not there"):
        await library.add([shelf.root, shelf.root / "nothing.md"])
    assert await library.documents() == []


async def test_a_file_is_added_whatever_its_name(shelf: Shelf, library: Library) -> None:
    shelf.write(".hidden.xyz", "The bins are emptied on Tuesday.")
    await library.add([shelf.root / ".hidden.xyz"])
    assert await names(library) == [".hidden.xyz"]


async def test_a_link_that_the_owner_names_is_followed_once(
    shelf: Shelf, library: Library, tmp_path: Path
) -> None:
    file = shelf.write("a.md", "Words.")
    (tmp_path / "link").symlink_to(shelf.root)
    await library.add([tmp_path / "link"])
    assert [one.path for one in await library.documents()] == [str(file)]


async def test_a_file_in_two_folders_that_were_added_is_there_once(
    shelf: Shelf, library: Library
) -> None:
    shelf.write("sub/a.md", "Words.")
    await library.add([shelf.root])
    assert counts(await library.add([shelf.root / "sub"])) == (0, 0, 1, 0)
    assert await names(library) == ["a.md"]
    assert counts(await library.refresh()) == (0, 0, 1, 0)


async def test_removed_it_is_not_found_and_the_file_stays(shelf: Shelf, library: Library) -> None:
    file = shelf.write("sub/a.md", "The bins are emptied on Tuesday.")
    shelf.write("b.md", "The vet.")
    await library.add([shelf.root])
    gone = await library.remove([shelf.root / "sub"])
    assert [one.path for one in gone] == [str(file)]
    assert file.exists()
    assert await names(library) == ["b.md"]
    with pytest.raises(InputError, match="Nothing of"):
        await library.remove([shelf.root / "sub"])
    await library.remove([shelf.root / "b.md"])
    assert await library.documents() == []


async def test_with_another_model_everything_is_read_again(shelf: Shelf, library: Library) -> None:
    shelf.write("a.md", "The bins are emptied on Tuesday.")
    await library.add([shelf.root])
    shelf.embedder = ScriptedEmbedder("another", 32)
    other = shelf.open()
    extra = shelf.write("../extra.md", "The vet.")
    assert counts(await other.add([extra])) == (1, 1, 0, 0)
    assert await other.search("bins emptied Tuesday")
    await other.aclose()


async def test_interrupted_a_folder_that_is_away_is_not_forgotten(
    shelf: Shelf, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.write("a.md", "The bins are emptied on Tuesday.")
    other = tmp_path / "other.md"
    other.write_text("Words.", encoding="utf-8")
    await library.add([shelf.root, other])
    elsewhere = shelf.root.rename(shelf.root.with_name("elsewhere"))
    other.write_text("Other words.", encoding="utf-8")

    async def interrupted(_texts: Sequence[str]) -> Vectors:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched, pytest.raises(asyncio.CancelledError):
        patched.setattr(shelf.embedder, "embed", interrupted)
        await library.refresh()
    elsewhere.rename(shelf.root)
    await library.refresh()
    assert "a.md" in await names(library)


async def test_interrupted_an_update_goes_on_where_it_was(shelf: Shelf) -> None:
    for number in range(6):
        shelf.write(f"{number}.md", "\n\n".join(f"# {at}\n\nWords." for at in range(70)))

    stuck = asyncio.Event()

    class Slow(ScriptedEmbedder):
        async def embed(self, texts: Sequence[str]) -> Vectors:
            if len(self.texts) > 200:
                stuck.set()
                await asyncio.Event().wait()
            return await super().embed(texts)

    shelf.embedder = Slow()
    slow = shelf.open()
    adding = asyncio.ensure_future(slow.add([shelf.root]))
    await stuck.wait()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    done = len(await slow.documents())
    assert 0 < done < 6
    await slow.aclose()
    shelf.embedder = ScriptedEmbedder()
    after = shelf.open()
    assert counts(await after.add([shelf.root])) == (6 - done, 0, done, 0)
    await after.aclose()


async def test_the_steps_lead_from_nothing_to_all(shelf: Shelf, library: Library) -> None:
    for number in range(3):
        shelf.write(f"{number}.md", f"Words {number}.")
    steps: list[Step] = []
    await library.add([shelf.root], steps.append)
    assert (steps[0].done, steps[-1].done) == (0, 3)
    assert {step.documents for step in steps} == {3}
    assert [step.passages for step in steps] == sorted(step.passages for step in steps)


async def test_what_a_rule_names_comes_first_even_without_an_index(shelf: Shelf) -> None:
    file = shelf.write("notes.md", "# Rubbish\nTuesday.\n\n# Dog\nThe vet.\n")
    shelf.write("docs/other.md", "The rubbish is a word here, too.")
    shelf.rules = [Rule(("rubbish",), file, "Rubbish")]
    library = shelf.open()
    (hit,) = await library.search("When is the rubbish collected?")
    assert (hit.passage.text, hit.score) == ("Tuesday.", 1.0)
    await library.add([shelf.root])
    hits = await library.search("When is the rubbish collected?")
    assert [hit.passage.text for hit in hits][:2] == [
        "Tuesday.",
        "The rubbish is a word here, too.",
    ]
    assert len(hits) == len({hit.passage for hit in hits})
    await library.aclose()


async def test_the_same_question_is_embedded_once(shelf: Shelf, library: Library) -> None:
    shelf.write("a.md", "The bins are emptied on Tuesday.")
    await library.add([shelf.root])
    shelf.embedder.texts.clear()
    for _ in range(3):
        await library.search("When are the bins emptied?")
    assert shelf.embedder.texts == ["When are the bins emptied?"]
    assert (library.questions.hits, library.questions.misses) == (2, 1)


def test_the_scripted_vectors_are_alike_for_alike_texts() -> None:
    bins, near, far = vectors_of(["bins emptied", "the bins are emptied", "Finale"])
    assert float(bins @ near) > 0.5 > abs(float(bins @ far))
