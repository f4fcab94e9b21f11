from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.bench.knowledge.search import bench_search, embedded, real_passages
from heisenberg.knowledge.base import KnowledgeIndex
from heisenberg.knowledge.embeddings import MiniLmEmbedder
from heisenberg.knowledge.postgres import PostgresIndex
from heisenberg.knowledge.sqlite import SqliteIndex

MODEL = "all-minilm-l6-v2-int8"
QUESTIONS = ("How is a file opened?", "What raises an error?", "Which colours are there?")


@pytest.mark.models
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_the_nearest_of_real_passages_are_found(
    kind: str, models_dir: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    embedder = await MiniLmEmbedder.load(models_dir / MODEL, MODEL)
    index: KnowledgeIndex
    if kind == "postgres":
        index = await PostgresIndex.open(url, MODEL)
    else:
        index = await SqliteIndex.open(tmp_path / "index.db", MODEL)
    passages = await real_passages(200)
    vectors = await embedded(embedder, passages, lambda _done: None)
    report = await bench_search(index, embedder, passages, vectors, QUESTIONS)
    found = report.as_dict()
    await index.aclose()
    await embedder.aclose()
    assert (found["passages"], found["searches"]) == (200, 3)
    assert found["recall_at_10"] >= 0.9
    assert 0.0 < found["without_embedding_s"]["p50"] <= found["without_embedding_s"]["p95"]
