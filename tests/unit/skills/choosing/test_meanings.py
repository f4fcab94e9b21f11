"""What examples mean is worked out once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from heisenberg.skills.choosing.meanings import meanings
from tests.fakes.knowledge import ScriptedEmbedder

TEXTS = ("Beep in half an hour", "Is it raining")


async def test_it_is_kept_until_the_examples_or_the_model_change(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "choosing"
    first = await meanings(TEXTS, ScriptedEmbedder(), folder)
    again = ScriptedEmbedder()
    np.testing.assert_array_equal(await meanings(TEXTS, again, folder), first)
    assert not again.texts
    for embedder, texts in ((ScriptedEmbedder("another"), TEXTS), (ScriptedEmbedder(), TEXTS[:1])):
        await meanings(texts, embedder, folder)
        assert embedder.texts == list(texts)


async def test_what_is_broken_is_worked_out_anew(tmp_path: Path) -> None:
    first = await meanings(TEXTS, ScriptedEmbedder(), tmp_path)
    (file,) = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    whole = await asyncio.to_thread(file.read_bytes)
    for content in (b"", b"rubbish", whole[:200]):
        await asyncio.to_thread(file.write_bytes, content)
        again = ScriptedEmbedder()
        np.testing.assert_array_equal(await meanings(TEXTS, again, tmp_path), first)
        assert again.texts == list(TEXTS)


async def test_where_it_cant_be_kept_nothing_fails(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "taken").touch)
    found = await meanings(TEXTS, ScriptedEmbedder(), tmp_path / "taken")
    assert found.shape == (2, ScriptedEmbedder().dimensions)
    assert (await meanings(TEXTS, ScriptedEmbedder(), None)).dtype == np.float32
