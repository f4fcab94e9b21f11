from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.errors import EngineError, ModelMissing
from heisenberg.knowledge.base import Embedder
from heisenberg.knowledge.on_demand import OnDemandEmbedder
from tests.fakes.knowledge import DIMENSIONS, ScriptedEmbedder


async def test_it_is_loaded_once_when_there_is_something_to_embed() -> None:
    loaded: list[ScriptedEmbedder] = []

    async def load() -> Embedder:
        await asyncio.sleep(0)
        loaded.append(ScriptedEmbedder("scripted"))
        return loaded[-1]

    embedder = OnDemandEmbedder("scripted", load)
    assert (embedder.name, embedder.dimensions, loaded) == ("scripted", 0, [])
    await asyncio.gather(embedder.embed(["a"]), embedder.embed(["b"]))
    assert len(loaded) == 1
    assert embedder.dimensions == DIMENSIONS
    await embedder.aclose()
    assert loaded[0].closed
    with pytest.raises(EngineError, match="closed"):
        await embedder.embed(["c"])


async def test_one_that_can_not_be_loaded_is_tried_again() -> None:
    found = [False]

    async def load() -> Embedder:
        if not found[0]:
            raise ModelMissing("The model is not there.")
        return ScriptedEmbedder()

    embedder = OnDemandEmbedder("scripted", load)
    with pytest.raises(ModelMissing):
        await embedder.embed(["a"])
    found[0] = True
    assert len(await embedder.embed(["a"])) == 1
    await embedder.aclose()
