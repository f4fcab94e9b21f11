"""The real engines, loaded once for all end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import Engines, load_engines


@pytest.fixture(scope="session")
def config() -> Config:
    """The default profile; a seed, so that a failure can be repeated."""
    return Config.load(overrides=["llm.seed=7"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines(config: Config) -> AsyncIterator[Engines]:
    async with Stages() as stages:
        yield await load_engines(config, stages)
