"""The real engines, and a real browser, started once for all end-to-end tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from heisenberg.audio.wavfile import write_wav
from heisenberg.bench.running.ready import ready_engines
from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import Engines
from tests.e2e.dashboard import microphone_sound
from tests.fakes.browser import chromium


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The default profile; a seed, so that a failure can be repeated."""
    kept = tmp_path_factory.mktemp("skills")
    return Config.load(overrides=["llm.seed=7", f"skills.data={kept}"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines(config: Config) -> AsyncIterator[Engines]:
    async with Stages() as stages:
        yield await ready_engines(config, stages)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium, whose microphone hears ``microphone_sound`` over and over."""
    heard = tmp_path_factory.mktemp("microphone") / "heard.wav"
    write_wav(heard, microphone_sound())
    async with chromium(heard) as browser:
        yield browser
