from __future__ import annotations

import pytest

from heisenberg.knowledge.embedding_cache import ENTRIES, EmbeddingCache
from tests.fakes.knowledge import ScriptedEmbedder


@pytest.fixture
def embedder() -> ScriptedEmbedder:
    return ScriptedEmbedder()


async def test_a_known_text_is_not_embedded_again(embedder: ScriptedEmbedder) -> None:
    cache = EmbeddingCache(embedder)
    first = await cache.embed(["a", "b", "a"])
    again = await cache.embed(["b", "c"])
    assert embedder.texts == ["a", "b", "c"]
    assert (first[1] == again[0]).all()
    assert (first[0] == first[2]).all()
    assert (cache.hits, cache.misses) == (2, 3)


async def test_the_least_used_leaves_first_and_then_the_least_recent(
    embedder: ScriptedEmbedder,
) -> None:
    cache = EmbeddingCache(embedder, 3)
    for text in ("often", "old", "new", "often", "often", "old", "new", "extra"):
        await cache.embed([text])
    # "often" was used most; of the two that were used twice, "old" was not used for longest.
    embedder.texts.clear()
    await cache.embed(["often", "new", "extra"])
    assert embedder.texts == []
    await cache.embed(["old"])
    assert embedder.texts == ["old"]
    assert len(cache) == 3


async def test_it_holds_no_more_than_it_may(embedder: ScriptedEmbedder) -> None:
    cache = EmbeddingCache(embedder)
    vectors = await cache.embed([str(number) for number in range(ENTRIES + 50)])
    assert len(vectors) == ENTRIES + 50
    assert len(cache) == ENTRIES


async def test_what_is_done_with_a_vector_does_not_change_the_next(
    embedder: ScriptedEmbedder,
) -> None:
    cache = EmbeddingCache(embedder)
    first = await cache.embed(["a"])
    first *= 0
    assert (await cache.embed(["a"])).any()
