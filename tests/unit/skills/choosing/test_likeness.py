"""What is learnt of examples is learnt once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from heisenberg.skills.choosing.likeness import Likeness
from heisenberg.skills.choosing.regression import Learnt
from heisenberg.skills.choosing.sayings import TALK
from tests.fakes.knowledge import ScriptedEmbedder

SAID = "Is your memory full, please?"


async def _likeness(embedder: ScriptedEmbedder, *languages: str, folder: Path | None) -> Likeness:
    return await asyncio.to_thread(Likeness, embedder, languages, folder)


async def test_it_is_kept_until_the_examples_or_the_model_change(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "choosing"
    first = await (await _likeness(ScriptedEmbedder(), "en", folder=folder)).of(SAID, {})
    again = ScriptedEmbedder()
    second = await (await _likeness(again, "en", folder=folder)).of(SAID, {})
    assert again.texts == [SAID.strip("?")]
    assert second == first
    for embedder, language in ((ScriptedEmbedder("another"), "en"), (ScriptedEmbedder(), "fr")):
        await (await _likeness(embedder, language, folder=folder)).learn()
        assert len(embedder.texts) > 1000


async def test_what_is_broken_is_learnt_anew(tmp_path: Path) -> None:
    first = await (await _likeness(ScriptedEmbedder(), "en", folder=tmp_path)).of(SAID, {})
    (file,) = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    whole = await asyncio.to_thread(file.read_bytes)
    for content in (b"", b"rubbish", whole[:200]):
        await asyncio.to_thread(file.write_bytes, content)
        again = ScriptedEmbedder()
        assert await (await _likeness(again, "en", folder=tmp_path)).of(SAID, {}) == first
        assert len(again.texts) > 1000


async def test_where_it_cant_be_kept_nothing_fails(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    await asyncio.to_thread(taken.touch)
    found = await (await _likeness(ScriptedEmbedder(), "en", folder=taken)).of(SAID, {})
    assert max(found.likely, key=lambda key: found.likely[key]) == "status.memory"


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [
        ("en", "Is your memory full, please?", "status.memory"),
        ("en", "Who painted the Mona Lisa, then?", TALK),
        ("fr", "Qui a peint la Joconde, dis ?", TALK),
    ],
)
async def test_what_is_said_and_in_which_language(language: str, said: str, meant: str) -> None:
    likeness = await _likeness(ScriptedEmbedder(), "en", "fr", folder=None)
    found = await likeness.of(said, {})
    assert found.language == language
    assert max(found.likely, key=lambda key: found.likely[key]) == meant


def test_many_examples_outweigh_the_nearest() -> None:
    shares = np.array([0.8] * 6 + [0.85])
    vectors = np.diag(np.sqrt(1 - shares**2))
    vectors = np.hstack([shares[:, None], vectors]).astype(np.float32)
    labels = [("switch",)] * 6 + [("talk",)]
    learnt = Learnt.of(["a", "b", "c", "d", "e", "f", "g"], vectors, labels)
    cosines = vectors[:, 0]
    assert int(np.argmax(cosines)) == 6
    likely = learnt.likely("h", cosines)
    assert likely["switch"] > 2 * likely["talk"]
