"""Three satellites in a process of their own, asked at once, on the real engines."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.bench.running.satellites import SETTINGS, SKILLS, Round, bench_satellites
from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import load_engines


@pytest.mark.models
def test_each_is_answered_what_it_asked(tmp_path: Path) -> None:
    found = asyncio.run(_asked(tmp_path))
    for one in (*found.alone, *found.together):
        assert one.right, one


async def _asked(folder: Path) -> Round:
    config = Config.load(None, list(SETTINGS))
    async with Stages() as stages:
        engines = await load_engines(config, stages)
        report = await bench_satellites(
            config, engines, folder, repeat=1, kinds={"skills": SKILLS[:3]}
        )
    return report.rounds["skills"][0]
