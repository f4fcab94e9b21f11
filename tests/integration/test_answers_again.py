"""The answer cache where it is put together: for whom it takes effect."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from heisenberg import loading, main
from heisenberg.core.config import CacheConfig, Config
from heisenberg.core.conversation import Conversation
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import language_model
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.tts import ScriptedTts

QUESTION = "What is the capital of France?"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedLanguageModel:
    """What is loaded as the language model, and nothing for all else."""
    llm = ScriptedLanguageModel([("Paris.",)])

    async def load(role: str, *_: object) -> Any:
        return llm if role == "llm" else ScriptedTts()

    for module in (loading, language_model):
        monkeypatch.setattr(module, "load_engine", load)
    return llm


async def _ask_twice(conversation: Conversation) -> None:
    for _ in range(2):
        async with aclosing(conversation.reply(QUESTION)) as reply:
            assert "".join([piece async for piece in reply]) == "Paris."


@pytest.mark.parametrize(("cache", "times"), [(CacheConfig(), 1), (CacheConfig(api=False), 2)])
async def test_who_asks_in_writing(
    model: ScriptedLanguageModel, cache: CacheConfig, times: int
) -> None:
    config = Config(cache=cache)
    async with Stages() as stages:
        await _ask_twice(await main.load_conversation(config, stages))

    assert len(model.requests) == times


@pytest.mark.parametrize(("cache", "times"), [(CacheConfig(), 2), (CacheConfig(voice=True), 1)])
def test_who_asks_in_a_room(model: ScriptedLanguageModel, cache: CacheConfig, times: int) -> None:
    async def start_and_ask() -> None:
        async with Stages() as stages:
            engines = await loading.load_engines(Config(cache=cache), stages)
            for _ in range(2):
                assert await engines.llm.generate_simple(QUESTION) == "Paris."

    asyncio.run(start_and_ask())

    assert len(model.requests) == times


@pytest.mark.parametrize("cache", [CacheConfig(), CacheConfig(voice=True)])
async def test_what_is_measured_is_the_model(
    model: ScriptedLanguageModel, cache: CacheConfig
) -> None:
    config = Config(cache=cache)
    async with Stages() as stages:
        llm = await language_model.load_language_model(config, stages)
        for _ in range(2):
            await llm.generate_simple(QUESTION)

    assert len(model.requests) == 2
