"""What every language model does that was given tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import pytest
import pytest_asyncio

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import InputError
from heisenberg.llm.base import (
    LanguageModel,
    ReplyOptions,
    Structure,
    Tool,
    ToolCall,
    ToolResult,
)
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.servers.llama_server import LlamaServerLLM
from heisenberg.llm.servers.ollama import OllamaLLM
from heisenberg.llm.servers.openai import OpenAiLLM
from heisenberg.llm.stream import LlamaCppLLM
from tests.contracts.test_language_model import KINDS
from tests.fakes.llama_server import running_server
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.ollama import scripted_ollama

MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
CONTEXT = LlmConfig(context_tokens=1024, max_tokens=60, seed=1)
TIMER = Tool(
    "set_timer",
    "Starts a timer that rings after some minutes.",
    {
        "type": "object",
        "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": 600}},
        "required": ["minutes"],
        "additionalProperties": False,
    },
)
WEATHER = Tool(
    "weather",
    "Tells the weather in a place.",
    {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
)
TOOLS = (TIMER, WEATHER)
FIVE = ToolCall("set_timer", {"minutes": 5})
SET = "Set a timer for five minutes."
ASK = "What is the capital of France?"
PARIS = "The capital of France is Paris."
WRITTEN = '<tool_call>\n{"name": "set_timer", "arguments": {"minutes": 5}}\n</tool_call>'


@dataclass(frozen=True)
class _Case:
    """A model, and what a scripted one will say next; a real one knows by itself."""

    model: LanguageModel
    will_say: Callable[[str], None] = lambda _: None


@pytest.fixture(scope="module")
def model_file(models_dir: Path) -> Path:
    return next((models_dir / MODEL).glob("*.gguf"))


@pytest.fixture(scope="module")
def server_url(model_file: Path) -> Iterator[str]:
    with running_server(model_file, context_tokens=CONTEXT.context_tokens) as server:
        yield server.url


@pytest_asyncio.fixture(params=KINDS)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[_Case]:
    kind = request.param
    if kind == "ollama":
        async with _ollama() as opened:
            yield opened
            await opened.model.aclose()
            return
    if kind == "in process":
        path = str(request.getfixturevalue("model_file"))
        opened = _Case(LlamaCppLLM(CONTEXT.model_copy(update={"model": path})))
    elif kind.startswith("server"):
        opened = _server(request.getfixturevalue("server_url"), compatible="," in kind)
    else:
        opened = _scripted(in_chain=kind == "chain")
    yield opened
    await opened.model.aclose()


def _scripted(*, in_chain: bool) -> _Case:
    replies: list[list[str]] = [[]]
    model = ScriptedLanguageModel(replies)

    def will_say(text: str) -> None:
        model.replies = [list(text)]

    return _Case(ModelChain([model, CannedLLM([], "No.")]) if in_chain else model, will_say)


def _server(url: str, *, compatible: bool) -> _Case:
    at = {"endpoint": f"{url}/v1" if compatible else f"{url}/completion"}
    config = CONTEXT.model_copy(update=at)
    return _Case(OpenAiLLM(config) if compatible else LlamaServerLLM(config))


@asynccontextmanager
async def _ollama() -> AsyncIterator[_Case]:
    async with scripted_ollama(()) as ollama:

        def will_say(text: str) -> None:
            calls = [{"name": FIVE.name, "arguments": FIVE.arguments}] if text == WRITTEN else []
            ollama.calls, ollama.pieces = calls, [] if calls else text.split(" ")

        yield _Case(OllamaLLM(CONTEXT.model_copy(update={"endpoint": ollama.url})), will_say)


async def _read(case: _Case, prompt: str, **options: Unpack[ReplyOptions]) -> tuple[str, Any]:
    generation = case.model.generate(prompt, **options)
    async with aclosing(generation):
        text = "".join([piece async for piece in generation])
    return text, list(generation.calls)


async def test_what_a_tool_can_do_is_called_and_not_spoken(case: _Case) -> None:
    case.will_say(WRITTEN)

    assert await _read(case, SET, tools=TOOLS) == ("", [FIVE])


async def test_a_question_that_needs_no_tool_is_answered(case: _Case) -> None:
    case.will_say(PARIS)
    text, calls = await _read(case, ASK, tools=TOOLS)

    assert "Paris" in text
    assert calls == []


async def test_what_came_of_a_call_is_put_into_words(case: _Case) -> None:
    case.will_say("In Oslo it snows.")
    called = ToolCall("weather", {"place": "Oslo"})

    text, calls = await _read(
        case, "What is the weather in Oslo?", results=[ToolResult(called, "Snow, minus 4 degrees")]
    )

    assert "snow" in text.lower()
    assert not text.startswith(("{", "<", "["))
    assert calls == []


async def test_without_tools_nothing_is_called(case: _Case) -> None:
    case.will_say(PARIS)
    _, calls = await _read(case, ASK)

    assert calls == []


async def test_the_history_goes_with_the_tools(case: _Case) -> None:
    case.will_say(WRITTEN)
    history = [("Hello, who are you?", "I am Heisenberg.")]

    text, calls = await _read(case, SET, tools=TOOLS, conversation_history=history)

    assert (text, calls) == ("", [FIVE])


async def test_what_is_no_tool_is_refused(case: _Case) -> None:
    with pytest.raises(InputError):
        await _read(case, SET, tools=[Tool("set-timer", "", {"type": "object"})])


async def test_a_form_and_tools_exclude_each_other(case: _Case) -> None:
    with pytest.raises(InputError):
        await _read(case, SET, tools=TOOLS, structure=Structure(schema={"type": "object"}))
