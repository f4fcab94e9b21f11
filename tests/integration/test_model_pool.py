"""Real models that come and go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from heisenberg.core.config import Config
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import InputError, LoadFailed, ModelMissing
from heisenberg.engines import llama_cpp
from heisenberg.llm.base import Generation, Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.model_shelf import InstalledModels
from heisenberg.store.store import Store

pytestmark = pytest.mark.models

SMALL = "smollm2-135m-instruct-q4_1"
FRANCE = "What is the capital of France?"


class Scene:
    """The small model, under its own name and two others, and room for two."""

    def __init__(self, models_dir: Path, folder: Path, **llm: object) -> None:
        (self.file,) = (models_dir / SMALL).glob("*.gguf")
        self.others = [folder / "second.gguf", folder / "third.gguf"]
        for other in self.others:
            os.link(self.file.resolve(), other) if _same_disk(
                self.file, folder
            ) else other.write_bytes(self.file.read_bytes())
        values = {"model": SMALL, "temperature": 0.0, "max_tokens": 24, "context_tokens": 512}
        self.config = Config.model_validate({"llm": {**values, **llm}, "profile": "tiny"})
        self.store = Store.open(self.config)

    @property
    def names(self) -> list[str]:
        return [SMALL, *map(str, self.others)]


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


@pytest_asyncio.fixture
async def scene(models_dir: Path, tmp_path: Path) -> Scene:
    return await asyncio.to_thread(Scene, models_dir, tmp_path)


@pytest_asyncio.fixture
async def llm(scene: Scene) -> AsyncIterator[SwitchableLLM]:
    llm = await llama_cpp(scene.config, scene.store)
    yield llm
    await llm.aclose()


async def test_three_in_a_space_for_two_answer_alike(scene: Scene) -> None:
    shelf = InstalledModels(scene.config, scene.store)
    needs = [(await shelf.find(name))[1] for name in scene.names]
    pool = ModelPool(shelf, needs[0] + needs[1] + 1)
    answers = []
    async with aclosing(pool):
        for name in scene.names:
            async with pool.lease(name) as model:
                answers.append(await model.generate_simple(FRANCE))
        assert [resident.name for resident in pool.residents] == scene.names[1:]

    assert "Paris" in answers[0]
    assert answers == answers[:1] * 3


async def test_the_conversation_goes_on_with_another_model(
    scene: Scene, llm: SwitchableLLM
) -> None:
    conversation = Conversation(llm, ConversationHistory(5), PromptWords("Be kind."))
    conversation.remember("My name is Ada.", "Hello Ada.")
    async with aclosing(conversation.reply("What is my name?")) as reply:
        text = "".join([piece async for piece in reply])
    tokens = reply.prompt_tokens

    await llm.use(scene.names[1])
    async with aclosing(conversation.reply("What is my name?")) as reply:
        again = "".join([piece async for piece in reply])

    assert reply.model.name == scene.names[1]
    assert (again, reply.prompt_tokens) == (text, tokens)


async def test_a_voice_goes_before_a_program_that_asks_another_model(
    scene: Scene, llm: SwitchableLLM
) -> None:
    program = llm.generate("Tell me a long story.", model=scene.names[1], rank=Rank.API)
    order = []
    async with aclosing(program):
        order.append(await anext(program))
        slow = asyncio.create_task(_rest(program, order, "program"))
        async with aclosing(llm.generate(FRANCE, rank=Rank.VOICE)) as voice:
            await _rest(voice, order, "voice")
        await slow

    assert "voice" in order[1:4], "the program has at most the step it was in"
    assert order.index("program", 4) > max(at for at, who in enumerate(order) if who == "voice")


async def test_a_damaged_file_is_refused_and_the_present_model_goes_on(
    scene: Scene, llm: SwitchableLLM, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    content = await asyncio.to_thread(scene.file.read_bytes)
    await asyncio.to_thread(broken.write_bytes, content[: len(content) // 2])

    with pytest.raises(LoadFailed, match="broken"):
        await llm.use(str(broken))
    with pytest.raises(ModelMissing):
        await llm.use(str(tmp_path / "gone.gguf"))
    with pytest.raises(InputError, match="no model"):
        await llm.use("smollm3")
    assert "Paris" in await llm.generate_simple(FRANCE)


async def test_the_next_smaller_model_stands_in_for_one_that_can_not_be_loaded(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = "qwen2.5-coder-0.5b-instruct-q4_k_m"
    wanted = scene.config.llm.model_copy(update={"model": larger})
    make = InstalledModels._make

    def broken(self: InstalledModels, name: str) -> object:
        if name == larger:
            raise LoadFailed("It is damaged.", "Fetch it again.")
        return make(self, name)

    monkeypatch.setattr(InstalledModels, "_make", broken)
    with capture_logs() as logs:
        llm = await llama_cpp(scene.config.model_copy(update={"llm": wanted}), scene.store)
    async with aclosing(llm):
        assert llm.info.name == SMALL
        assert "Paris" in await llm.generate_simple(FRANCE)
    (line,) = [log for log in logs if log["log_level"] == "warning"]
    assert (line["model"], line["reason"]) == (SMALL, "It is damaged. Fetch it again.")


async def _rest(reply: Generation, order: list[str], who: str) -> None:
    async for _ in reply:
        order += [who]
