"""The short form of ``bench commands --sound``: simple commands are understood by ear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.audio.base import Pcm
from heisenberg.bench.skills.command_set import load_commands
from heisenberg.bench.skills.command_sounds import spoken_commands
from heisenberg.bench.skills.commands import bench_aloud
from heisenberg.core.config import Config
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.lifecycle import Stages
from heisenberg.engines import whisper
from heisenberg.skills.discovery import load_repertoire
from heisenberg.store.store import Store

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

DEV = Path(__file__).parents[1] / "assets" / "commands_dev.toml"


async def test_most_are_understood_by_ear(tmp_path: Path) -> None:
    config = await asyncio.to_thread(Config.load)
    dev = await asyncio.to_thread(load_commands, DEV)
    made = await asyncio.to_thread(spoken_commands, config, dev)
    english = [one for one in made if one.group.language == "en"]
    assert len(english) == 24
    skills = SkillsConfig(data=tmp_path, folder=tmp_path)
    can = await asyncio.to_thread(load_repertoire, skills, ("en",))
    async with Stages() as stages:
        store = await asyncio.to_thread(Store.open, config)
        engine = await stages.start("recogniser", whisper(config, store))

        async def recogniser(utterance: Pcm) -> str:
            return (await engine.transcribe(utterance)).text

        report = await bench_aloud({"en": can.find}, dev, english, {"en": recogniser})
    found = report.as_dict()
    assert found["commands"]["en"]["percent"] >= 80, found["wrong"]
    assert set(found["by_voice"]) == {"plain", "slow and deep", "quick", "high"}
