"""What everything that turns texts into vectors does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.core.errors import EngineError, LoadFailed, ModelMissing
from heisenberg.knowledge.base import Embedder
from heisenberg.knowledge.embedding_cache import EmbeddingCache
from heisenberg.knowledge.embeddings import MiniLmEmbedder
from tests.fakes.knowledge import ScriptedEmbedder

MODEL = "all-minilm-l6-v2-int8"


@pytest_asyncio.fixture(params=["fake", "cache", pytest.param("minilm", marks=pytest.mark.models)])
async def embedder(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[Embedder]:
    made: Embedder = ScriptedEmbedder()
    if request.param == "cache":
        made = EmbeddingCache(ScriptedEmbedder())
    elif request.param == "minilm":
        made = await MiniLmEmbedder.load(models_dir / MODEL, MODEL)
    yield made
    await made.aclose()


async def test_there_is_a_vector_of_unit_length_for_each_text(embedder: Embedder) -> None:
    long = "a much longer text about the weather in the mountains " * 40
    texts = ["", "one", long, "one", "é ü 語"]
    vectors = await embedder.embed(texts)
    assert vectors.dtype == np.float16
    assert vectors.shape == (len(texts), embedder.dimensions)
    assert np.linalg.norm(vectors.astype(np.float32), axis=1) == pytest.approx(1.0, abs=2e-3)


async def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert (await embedder.embed([])).shape == (0, embedder.dimensions)


async def test_what_is_about_the_same_lies_close(embedder: Embedder) -> None:
    sleepy, near, far = (
        await embedder.embed(
            ["The cat sleeps on the sofa.", "The cat sleeps on our sofa", "Taxes are due in May"]
        )
    ).astype(np.float32)
    assert sleepy @ near > 0.6
    assert sleepy @ far < 0.3


async def test_a_text_has_the_same_vector_beside_others(embedder: Embedder) -> None:
    alone = await embedder.embed(["The bins are emptied on Tuesday."])
    beside = await embedder.embed(["Hello", "The bins are emptied on Tuesday.", "word " * 300])
    similarity = float(alone[0].astype(np.float32) @ beside[1].astype(np.float32))
    assert similarity > 0.98  # 8 bits are rounded by what else is in the batch


async def test_closed_it_says_so(embedder: Embedder) -> None:
    await embedder.aclose()
    with pytest.raises(EngineError, match="closed"):
        await embedder.embed(["a"])


@pytest.mark.models
async def test_a_model_that_is_not_there_or_broken_is_said(
    tmp_path: Path, models_dir: Path
) -> None:
    with pytest.raises(ModelMissing):
        await MiniLmEmbedder.load(tmp_path, "none")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model.onnx").write_bytes((models_dir / MODEL / "model.onnx").read_bytes())
    with pytest.raises(LoadFailed, match=r"tokenizer\.json"):
        await MiniLmEmbedder.load(tmp_path, "none")
    words = (models_dir / MODEL / "tokenizer.json").read_bytes()
    (tmp_path / "tokenizer.json").write_bytes(words)
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    with pytest.raises(LoadFailed, match=r"model\.onnx"):
        await MiniLmEmbedder.load(tmp_path, "none")
