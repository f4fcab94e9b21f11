from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.bench.knowledge.retrieval import (
    Place,
    Question,
    QuestionSet,
    bench_retrieval,
    question_sets,
)
from heisenberg.knowledge.base import KnowledgeIndex, Passage
from heisenberg.knowledge.documents.reading import passages_in, read_bytes
from heisenberg.knowledge.documents.walking import documents_in
from heisenberg.knowledge.embeddings import MiniLmEmbedder
from heisenberg.knowledge.sqlite import SqliteIndex
from tests.fakes.knowledge import MemoryIndex, ScriptedEmbedder

MODEL = "all-minilm-l6-v2-int8"


def own_passages(paths: tuple[Path, ...]) -> list[Passage]:
    found = []
    for path in paths:
        files = documents_in(path, lambda _path, _why: None) if path.is_dir() else [path]
        for file in files:
            found += passages_in(file, read_bytes(file))
    return found


def test_every_answer_in_our_own_documents_is_there() -> None:
    own, public = question_sets(Path("/public"))
    assert [sum(bool(one.places) for one in some.questions) for some in (own, public)] == [30, 30]
    passages = own_passages(own.paths)
    lost = [
        f"{question.ask}: {place.file} > {place.heading} ({place.holds})"
        for question in own.questions
        for place in question.places
        if not any(place.is_at(passage, own.folder) for passage in passages)
    ]
    assert lost == [], "correct the places in tests/assets/retrieval.toml"


def test_a_place_is_a_file_a_heading_and_words() -> None:
    place = Place("a.md", "Linux", "cable")
    folder = Path("/docs")
    assert place.is_at(Passage("/docs/a.md", "Install > Linux", 1, "Get a cable."), folder)
    assert place.is_at(Passage("/docs/a.md", "Linux", 1, "Get a cable."), folder)
    assert not place.is_at(Passage("/docs/a.md", "Install > Linux", 1, "Get a plug."), folder)
    assert not place.is_at(Passage("/docs/a.md", "Arch Linux", 1, "Get a cable."), folder)
    assert not place.is_at(Passage("/docs/b.md", "Linux", 1, "Get a cable."), folder)


async def test_what_is_found_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Bins\nEmptied on Tuesday.\n\n# Dog\nThe vet.\n")
    questions = (
        Question("When are the bins emptied?", (Place("a.md", "Bins"),)),
        Question("When are the bins emptied?", (Place("a.md", "Dog"),)),
        Question("Wer gewann 1954 das Finale?", ()),
    )
    one = QuestionSet("mine", tmp_path, (tmp_path,), questions)

    async def open_index(name: str) -> KnowledgeIndex:
        return MemoryIndex(f"scripted {name}".split()[0])

    found = (await bench_retrieval([one], ScriptedEmbedder(), open_index)).as_dict()
    assert found["questions"] == 2
    assert found["recall"]["hybrid"]["at_1"] == 1
    assert found["recall"]["hybrid"]["at_3"] == 2
    assert found["recall"]["words"]["at_3"] == 1
    assert (found["unanswerable"], found["nothing_near"]) == (1, 1)
    assert found["missed"] == []


@pytest.mark.models
async def test_most_answers_in_our_own_documents_are_found(
    models_dir: Path, tmp_path: Path
) -> None:
    own, _ = await asyncio.to_thread(question_sets, Path("/public"))
    embedder = await MiniLmEmbedder.load(models_dir / MODEL, MODEL)

    async def open_index(name: str) -> KnowledgeIndex:
        return await SqliteIndex.open(tmp_path / name, MODEL)

    found = (await bench_retrieval([own], embedder, open_index)).as_dict()
    await embedder.aclose()
    recall = found["recall"]
    # These documents change with the project; how many it is just now, the full form tells.
    assert recall["hybrid"]["at_3"] >= 21
    assert recall["hybrid"]["at_3"] >= max(recall["words"]["at_3"], recall["vectors"]["at_3"])
    assert found["nothing_near"] >= 6
