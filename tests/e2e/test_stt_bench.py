"""The short form of ``bench stt``: both recognisers understand the voices there are."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.hearing.stt import bench_stt
from heisenberg.bench.hearing.stt_sounds import CLEAN, spoken_utterances
from heisenberg.bench.turns.sequential import PlainWhisper
from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.engines import recogniser_folder, whisper
from heisenberg.store.store import Store

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


async def test_both_sides_understand_nearly_every_word_where_there_is_no_noise() -> None:
    config = await asyncio.to_thread(Config.load)
    made = await asyncio.to_thread(spoken_utterances, config, 12)
    assert all(RATE_HZ < len(one.pcm) <= 8 * RATE_HZ for one in made)
    async with Stages() as stages:
        store = await asyncio.to_thread(Store.open, config)
        recogniser = await stages.start("ours", whisper(config, store))
        folder = await recogniser_folder(config)
        plain = await stages.start("plain", PlainWhisper.load(folder, 2))

        async def ours(utterance: Pcm) -> str:
            return (await recogniser.transcribe(utterance)).text

        async def theirs(utterance: Pcm) -> str:
            return await plain.transcribe(utterance, "en")

        clean = [one for one in made if one.noise == CLEAN]
        found = (await bench_stt(ours, theirs, clean)).as_dict()
    assert found["utterances"] == 4
    assert found["ours_wer"] <= 0.1
    assert found["plain_wer"] <= 0.1
