"""The language models of an installation."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs

from heisenberg.core.config import Config
from heisenberg.core.errors import InputError, ModelMissing
from heisenberg.model_shelf import InstalledModels, LoadLog
from heisenberg.store.store import Store

SMALL = "smollm2-135m-instruct-q4_1"
DEFAULT = "qwen2.5-coder-0.5b-instruct-q4_k_m"


def _told(*shares_at_s: tuple[float, float]) -> list[int]:
    now_s = 0.0
    with capture_logs() as logs:
        log = LoadLog("own", now_s=lambda: now_s)
        for now_s, share in shares_at_s:  # noqa: B007 - the clock reads it
            log(share)
    return [entry["percent"] for entry in logs]


def test_a_model_that_takes_long_to_load_says_how_far_it_is() -> None:
    assert _told((1.0, 0.1), (3.0, 0.3), (3.5, 0.4), (4.0, 0.5), (5.0, 1.0)) == [25, 50, 100]


def test_a_quick_one_says_nothing() -> None:
    assert _told((0.1, 0.3), (0.2, 0.6), (0.5, 1.0)) == []


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.load(overrides=[f"store.dir={tmp_path}"])


async def test_what_is_not_here_is_said_with_what_to_do(config: Config, tmp_path: Path) -> None:
    shelf = InstalledModels(config, await asyncio.to_thread(Store.open, config))
    with pytest.raises(ModelMissing, match="pull"):
        await shelf.find(DEFAULT)
    with pytest.raises(ModelMissing, match="not there"):
        await shelf.find(str(tmp_path / "gone.gguf"))
    with pytest.raises(InputError, match="Did you mean"):
        await shelf.find("smollm2-135m")


@pytest.mark.models
async def test_only_smaller_models_that_are_here_stand_in() -> None:
    config = await asyncio.to_thread(Config.load)
    shelf = InstalledModels(config, await asyncio.to_thread(Store.open, config))

    assert SMALL in await shelf.smaller(DEFAULT)
    assert await shelf.smaller(SMALL) == []
    assert await shelf.smaller("/models/own.gguf") == ()


async def test_the_room_for_models_is_what_is_set_or_a_share_of_the_machine(
    config: Config,
) -> None:
    store = await asyncio.to_thread(Store.open, config)
    by_machine = await asyncio.to_thread(InstalledModels(config, store).capacity_bytes)
    assert by_machine < psutil.virtual_memory().total

    llm = config.llm.model_copy(update={"memory_mb": 700})
    limited = InstalledModels(config.model_copy(update={"llm": llm}), store)
    assert await asyncio.to_thread(limited.capacity_bytes) == 700_000_000
