"""espeak-ng, alone and where another voice is missing."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from heisenberg.core.config import Config
from heisenberg.core.errors import LoadFailed, ModelMissing
from heisenberg.store.store import Store
from heisenberg.tts import espeak
from heisenberg.tts.espeak import EspeakTts, is_there
from heisenberg.voices import piper

pytestmark = pytest.mark.skipif(not is_there(), reason="espeak-ng is not installed")


async def _config(folder: Path) -> Config:
    """French, and no model installed."""
    settings = ['languages=["fr"]', f"store.dir={folder}"]
    return await asyncio.to_thread(Config.load, overrides=settings)


async def test_it_speaks_where_the_voice_of_a_language_is_not_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = await _config(tmp_path)
    voice = await piper(config, await asyncio.to_thread(Store.open, config))
    async with aclosing(voice):
        chunks = [chunk async for chunk in voice.synthesize("Bonjour, il est tard.")]
    assert sum(chunk.duration_s for chunk in chunks) > 0.5
    told = capsys.readouterr()
    assert "models pull --profile default --language fr" in told.out + told.err


async def test_without_it_a_missing_voice_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(espeak, "PROGRAM", "no-such-program")
    config = await _config(tmp_path)
    with pytest.raises(ModelMissing, match="Siwis"):
        await piper(config, await asyncio.to_thread(Store.open, config))
    with pytest.raises(LoadFailed, match="not installed"):
        await EspeakTts.load("fr")


async def test_a_language_that_it_does_not_speak_is_named() -> None:
    with pytest.raises(LoadFailed, match="'xx'"):
        await EspeakTts.load("xx")


async def test_it_says_what_stands_in_brackets_and_begins_with_a_dash() -> None:
    voice = EspeakTts("en")
    for text in ("[[hello]]", "-v is an option", "<b>bold</b>"):
        chunks = [chunk async for chunk in voice.synthesize(text)]
        assert np.abs(np.concatenate([chunk.pcm for chunk in chunks])).max() > 1000, text


async def test_cancelled_it_leaves_no_process() -> None:
    voice = EspeakTts("en")
    chunks = voice.synthesize("A long sentence about this and that and everything else. " * 20)
    speaking = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert [chunk async for chunk in voice.synthesize("Hello.")]
