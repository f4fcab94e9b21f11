"""The short form of ``bench wake``: the wake word is heard, and what resembles it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.bench.hearing.wake import Extent, bench_wake
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.core.lifecycle import Stages

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

EXTENT = Extent(calls=26, hours=1 / 6)
"""Every condition twice, five minutes of speech and five of near misses."""


@pytest.fixture
def low() -> Config:
    return Config.load(overrides=["wake.threshold=0.1"])


@pytest.fixture
def lower() -> Config:
    return Config.load(overrides=["wake.threshold=0.05"])


async def test_calls_are_heard_near_misses_are_not_and_what_was_found_is_kept(
    tmp_path: Path, low: Config, lower: Config
) -> None:
    keep = tmp_path / "kept.jsonl"
    async with Stages() as stages:
        found = (await bench_wake(low, stages, EXTENT, keep=keep)).as_dict()
    assert found["calls"]["asked"] == 26
    assert found["calls"]["missed"] <= 2
    other = found["other_sound"]
    assert set(other["by_kind"]) == {"speech", "near misses"}
    assert other["first_looks"] >= 10  # so many near misses were stopped by the second look
    assert other["false_accepts"] <= 1

    said: list[str] = []
    async with Stages() as stages:
        again = await bench_wake(low, stages, EXTENT, keep=keep, report=said.append)
    assert again.as_dict() == found
    async with Stages() as stages:
        with pytest.raises(InputError, match="other settings"):
            await bench_wake(lower, stages, EXTENT, keep=keep)
