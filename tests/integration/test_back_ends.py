"""A conversation whose back end comes and goes; the server is a real one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.config import LlmConfig
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import EngineError, HeisenbergError
from heisenberg.llm import chain
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.generation import whole
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.llm.servers.llama_server import LlamaServerLLM
from heisenberg.llm.servers.model_server import ModelServer
from heisenberg.llm.stream import LlamaCppLLM
from tests.fakes.llama_server import RunningServer, running_server

pytestmark = pytest.mark.models

SMALL = "smollm2-135m-instruct-q4_1"
SOON_S = 2.0
"""Within which somebody else answers when a server is gone."""


class Scene:
    """A chain of a real server, the same model in this process, and fixed replies."""

    def __init__(self, model: Path) -> None:
        self.model = model
        self.servers = ExitStack()
        self.server = self.start(0)
        self.back = asyncio.Event()
        config = LlmConfig(
            model=str(model),
            endpoint=f"{self.server.url}/completion",
            context_tokens=1024,
            temperature=0.0,
            max_tokens=60,
            system_prompt="Be kind.",
        )
        self.remote = LlamaServerLLM(config)
        self.canned = CannedLLM([], "Not available.")
        self.chain = ModelChain([self.remote, LlamaCppLLM(config), self.canned], self._note)
        self.conversation = Conversation(self.chain, ConversationHistory(5), PromptWords())

    def _note(self, _model: ModelInfo, error: HeisenbergError | None) -> None:
        if error is None:
            self.back.set()

    def start(self, port: int) -> RunningServer:
        running = running_server(self.model, context_tokens=1024, port=port)
        return self.servers.enter_context(running)

    async def restart(self) -> None:
        port = int(self.server.url.rpartition(":")[2])
        self.server = await asyncio.to_thread(self.start, port)

    async def kill(self) -> None:
        self.server.process.kill()
        await asyncio.to_thread(self.server.process.wait)

    async def ask(self, question: str) -> tuple[str, str]:
        """The answer, and the back end that gave it."""
        async with aclosing(self.conversation.reply(question)) as generation:
            text = "".join([piece async for piece in generation])
        self.conversation.remember(question, text)
        return text, generation.model.backend


@pytest_asyncio.fixture
async def scene(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(chain, "FIRST_RETRY_S", 0.1)
    monkeypatch.setattr(chain, "LAST_RETRY_S", 0.2)
    (model,) = (models_dir / SMALL).glob("*.gguf")
    scene = await asyncio.to_thread(Scene, model)
    yield scene
    await scene.chain.aclose()
    await asyncio.to_thread(scene.servers.close)


async def test_a_server_that_dies_is_replaced_with_the_history_and_used_again_when_it_is_back(
    scene: Scene,
) -> None:
    _, backend = await scene.ask("My name is Ada.")
    assert backend == "server"

    await scene.kill()
    text, backend = await scene.ask("Hello again.")
    assert backend == "inprocess"
    assert text
    asked = scene.conversation.reply("What is my name?")
    async with aclosing(asked):
        await anext(asked)
    assert asked.prompt_tokens > 40, "the history is in it, whoever answers"

    await scene.restart()
    await asyncio.wait_for(scene.back.wait(), 20.0)
    _, backend = await scene.ask("And now?")
    assert backend == "server"


async def test_a_server_killed_in_the_middle_of_a_reply_is_gone_on_for(scene: Scene) -> None:
    await scene.ask("Hello.")
    told = "Tell me a long story."
    expected = await whole(scene.conversation.reply(told))
    said: list[str] = []
    times_s = []
    async with aclosing(scene.conversation.reply(told)) as generation:
        async for piece in generation:
            said.append(piece)
            if len(said) == 3:
                await scene.kill()
            times_s.append(time.monotonic())

    pauses_s = [after - before for before, after in pairwise(times_s)]
    assert max(pauses_s) < SOON_S
    assert generation.model.backend == "inprocess"
    assert "".join(said)[:80] == expected[:80], "not a word twice, none left out"
    assert generation.tokens >= len(said)


async def test_where_nobody_can_go_on_the_reply_ends_soon(scene: Scene) -> None:
    alone = ModelChain([scene.remote, scene.canned])
    killed_s = 0.0
    with pytest.raises(EngineError):
        async with aclosing(alone.generate("Tell me a long story.")) as generation:
            async for _ in generation:
                await scene.kill()
                killed_s = time.monotonic()

    assert time.monotonic() - killed_s < SOON_S
    assert await alone.generate_simple("Hello?") == "Not available."
    await alone.aclose()


async def test_a_request_that_is_cancelled_leaves_its_slot(scene: Scene) -> None:
    server = ModelServer(scene.server.url, timeout_s=5.0)

    async def busy() -> int:
        return sum(slot["is_processing"] for slot in await server.get("/slots"))

    async with aclosing(server), asyncio.timeout(20.0):
        async with aclosing(scene.conversation.reply("Tell me a long story.")) as generation:
            await anext(generation)
            assert await busy() == 1
        while await busy():  # noqa: ASYNC110 - another process does not tell
            await asyncio.sleep(0.01)
