"""What every language model does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pytest
import pytest_asyncio

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import CacheConfig, LlmConfig
from heisenberg.core.errors import EngineError, InputError
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.base import LanguageModel, ReplyOptions, SamplingOptions
from heisenberg.llm.canned import CannedLLM
from heisenberg.llm.chain import ModelChain
from heisenberg.llm.inprocess import writer
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.servers.llama_server import LlamaServerLLM
from heisenberg.llm.servers.ollama import OllamaLLM
from heisenberg.llm.servers.openai import OpenAiLLM
from heisenberg.llm.stream import LlamaCppLLM
from heisenberg.llm.switch import SwitchableLLM
from tests.fakes.llama_server import running_server
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.ollama import scripted_ollama

CONTEXT_TOKENS = 512
QUESTION = "What is the capital of France?"
LONG = " ".join(f"word{number}" for number in range(20))
TOO_LONG = " ".join(f"word{number}" for number in range(CONTEXT_TOKENS + 1))
PIECES = ("Paris", " is", " the", " capital", " 🇫🇷", " of", " France.")
SMALL = "smollm2-135m-instruct-q4_1"
KINDS = (
    "fake",
    "chain",
    "cached",
    "ollama",
    pytest.param("in process", marks=pytest.mark.models),
    pytest.param("server", marks=pytest.mark.models),
    pytest.param("server, compatible", marks=pytest.mark.models),
)


@dataclass(frozen=True)
class _Case:
    """A model, and a way to catch it while it evaluates a prompt."""

    model: LanguageModel
    hold_evaluation: Callable[[], asyncio.Event]
    """From now on prompts are not evaluated to their end; the event says when one has begun."""
    release: Callable[[], None]
    tells_ends: bool = True
    """Whether it tells how probable it is that a prompt is said to its end."""


@pytest.fixture(scope="module")
def server_url(models_dir: Path) -> Iterator[str]:
    """A llama.cpp server with the small model."""
    model = _model(models_dir / SMALL)
    with running_server(model, context_tokens=CONTEXT_TOKENS) as server:
        yield server.url


@pytest_asyncio.fixture(params=KINDS)
async def case(
    request: pytest.FixtureRequest, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[_Case]:
    kind = request.param
    if kind.startswith("server"):
        opening = _server(request.getfixturevalue("server_url"), compatible="," in kind)
    elif kind == "in process":
        opening = _in_process(_model(models_dir / SMALL), monkeypatch)
    else:
        openings = {"fake": _fake, "chain": _chain, "cached": _cached, "ollama": _ollama}
        opening = openings[kind]()
    async with opening as opened:
        yield opened
        await opened.model.aclose()


@asynccontextmanager
async def _fake() -> AsyncIterator[_Case]:
    gate = asyncio.Event()
    gate.set()
    model = ScriptedLanguageModel([PIECES], gates={0: gate}, context_tokens=CONTEXT_TOKENS)

    def hold() -> asyncio.Event:
        gate.clear()
        model.began.clear()
        return model.began

    yield _Case(model, hold, gate.set)


@asynccontextmanager
async def _chain() -> AsyncIterator[_Case]:
    async with _fake() as inner:
        yield replace(inner, model=ModelChain([inner.model, CannedLLM([], "Nothing.")]))


@asynccontextmanager
async def _cached() -> AsyncIterator[_Case]:
    """Around a model, for those who ask these questions."""
    async with _fake() as inner:
        config = CacheConfig(voice=True)
        yield replace(inner, model=await with_cache(inner.model, config))


@asynccontextmanager
async def _switchable() -> AsyncIterator[_Case]:
    async with _fake() as inner:

        class Shelf:
            async def find(self, name: str) -> tuple[str, int]:
                return name, 1

            async def open(self, _name: str) -> LanguageModel:
                return inner.model

        async def none(_name: str) -> tuple[str, ...]:
            return ()

        pool = ModelPool(Shelf(), 1)
        yield replace(inner, model=SwitchableLLM(pool, inner.model.info, smaller=none))


@asynccontextmanager
async def _ollama() -> AsyncIterator[_Case]:
    async with scripted_ollama(PIECES) as ollama:

        def hold() -> asyncio.Event:
            ollama.gate = asyncio.Event()
            ollama.began.clear()
            return ollama.began

        def release() -> None:
            ollama.gate = None

        config = LlmConfig(endpoint=ollama.url, context_tokens=CONTEXT_TOKENS)
        yield _Case(OllamaLLM(config), hold, release, tells_ends=False)


@asynccontextmanager
async def _server(url: str, *, compatible: bool) -> AsyncIterator[_Case]:
    config = LlmConfig(
        endpoint=f"{url}/v1" if compatible else f"{url}/completion",
        context_tokens=CONTEXT_TOKENS,
        temperature=0.0,
        max_tokens=12,
    )

    def hold() -> asyncio.Event:
        # It can't be held; it is caught while the request is on its way.
        on_its_way = asyncio.Event()
        asyncio.get_running_loop().call_soon(on_its_way.set)
        return on_its_way

    model = OpenAiLLM(config) if compatible else LlamaServerLLM(config)
    yield _Case(model, hold, lambda: None, tells_ends=False)


@asynccontextmanager
async def _in_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_Case]:
    loop = asyncio.get_running_loop()
    began = asyncio.Event()

    def hold() -> asyncio.Event:
        began.clear()
        _EndlessLlama.began.append(lambda: loop.call_soon_threadsafe(began.set))
        return began

    monkeypatch.setattr(writer, "LlamaCpp", _EndlessLlama)
    config = LlmConfig(
        model=str(path),
        context_tokens=CONTEXT_TOKENS,
        temperature=0.0,
        max_tokens=12,
    )
    yield _Case(LlamaCppLLM(config), hold, _EndlessLlama.began.clear)
    _EndlessLlama.began.clear()


class _EndlessLlama(LlamaCpp):
    """The real thing, but while there is a ``began`` it evaluates one batch again and again."""

    began: ClassVar[list[Callable[[], object]]] = []
    _count = 0

    def evaluate(self, tokens: Sequence[int], stop: StopFlag, *, ask_at: int | None = None) -> bool:
        while super().evaluate(tokens, stop, ask_at=ask_at):
            if not self.began:
                self._count += len(tokens)
                return True
            self.truncate(self._count)
            self.began[0]()
        return False

    def truncate(self, count: int) -> bool:
        self._count = count
        return super().truncate(count)

    def clear(self) -> None:
        self._count = 0
        super().clear()


def _model(folder: Path) -> Path:
    return next(folder.glob("*.gguf"))


async def _pieces(model: LanguageModel, prompt: str = QUESTION, **options: Any) -> list[str]:
    generation = model.generate(prompt, **options)
    async with aclosing(generation):
        return [piece async for piece in generation]


async def test_the_pieces_of_a_reply_are_the_reply(case: _Case) -> None:
    pieces = await _pieces(case.model)

    assert len(pieces) > 1
    assert "".join(pieces) == await case.model.generate_simple(QUESTION)


async def test_every_piece_is_whole_text(case: _Case) -> None:
    for piece in await _pieces(case.model, "Écris « été » puis 🎉."):
        assert piece
        assert piece.encode().decode() == piece
        assert "\N{REPLACEMENT CHARACTER}" not in piece


async def test_a_reply_counts_its_tokens_and_those_of_its_prompt(case: _Case) -> None:
    generation = case.model.generate(QUESTION)
    assert (generation.tokens, generation.prompt_tokens) == (0, 0)

    pieces = [piece async for piece in generation]

    assert generation.tokens >= len(pieces)
    assert generation.prompt_tokens >= len(QUESTION.split())


async def test_a_reply_tells_whether_its_prompt_was_said_to_the_end(case: _Case) -> None:
    if not case.tells_ends:
        generation = case.model.generate(QUESTION)
        assert [piece async for piece in generation]
        assert generation.prompt_ends is None
        return

    async def ends(prompt: str) -> float:
        generation = case.model.generate(prompt)
        async with aclosing(generation):
            before = generation.prompt_ends
            await anext(generation)
            after = generation.prompt_ends
        assert before is None
        assert after is not None
        return after

    whole = await ends(QUESTION)
    assert whole == pytest.approx(await ends(QUESTION), rel=0.05), "asked again, it is the same"
    for part in ("What is the capital of", "What is the", "Tell me about the sea and"):
        assert await ends(part) < 0.1 * whole


async def test_a_reply_is_no_longer_than_asked_for(case: _Case) -> None:
    generation = case.model.generate(QUESTION, max_tokens=3)
    async with aclosing(generation):
        assert [piece async for piece in generation]
    assert generation.tokens == 3
    assert generation.cut_off


async def test_a_reply_that_has_ended_was_not_cut_off(case: _Case) -> None:
    generation = case.model.generate(QUESTION)
    async with aclosing(generation):
        assert [piece async for piece in generation]
    assert not generation.cut_off


async def test_what_a_reply_is_to_come_from_takes_room_in_the_prompt(case: _Case) -> None:
    async def prompt_tokens(**options: Unpack[ReplyOptions]) -> int:
        generation = case.model.generate(QUESTION, **options)
        async with aclosing(generation):
            assert [piece async for piece in generation]
        return generation.prompt_tokens

    grounds = "The capital of France is Paris, it says in the document."
    assert await prompt_tokens(grounds=grounds) >= await prompt_tokens() + 11


async def test_a_reply_may_be_drawn_otherwise_than_is_configured(case: _Case) -> None:
    likeliest: SamplingOptions = {"temperature": 0.0, "repeat_penalty": 1.0}
    one: SamplingOptions = {**likeliest, "seed": 1}
    other: SamplingOptions = {**likeliest, "seed": 2}
    first = await case.model.generate_simple(QUESTION, sampling=one)
    assert first == await case.model.generate_simple(QUESTION, sampling=other)


async def test_a_reply_that_is_closed_early_ends_and_frees_the_model(case: _Case) -> None:
    whole = await case.model.generate_simple(QUESTION)
    generation = case.model.generate(QUESTION)
    first = await anext(generation)

    await generation.aclose()

    assert whole.startswith(first)
    assert [piece async for piece in generation] == []
    assert await case.model.generate_simple(QUESTION) == whole


async def test_a_reply_that_nobody_reads_costs_nothing(case: _Case) -> None:
    generation = case.model.generate(QUESTION)
    await generation.aclose()

    assert generation.tokens == 0
    assert await case.model.generate_simple(QUESTION)


async def test_a_reader_cancelled_between_pieces_frees_the_model(case: _Case) -> None:
    whole = await case.model.generate_simple(QUESTION)
    reading = asyncio.Event()

    async def read() -> None:
        async with aclosing(case.model.generate(QUESTION)) as generation:
            async for _ in generation:
                reading.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await reading.wait()
    await cancel_and_wait(task)

    assert task.cancelled()
    assert await case.model.generate_simple(QUESTION) == whole


async def test_a_prompt_being_evaluated_is_cancelled_and_leaves_no_trace(case: _Case) -> None:
    whole = await case.model.generate_simple(QUESTION)
    began = case.hold_evaluation()
    task = asyncio.create_task(case.model.generate_simple(LONG))
    await began.wait()

    await cancel_and_wait(task)
    case.release()

    assert task.cancelled()
    assert await case.model.generate_simple(QUESTION) == whole


async def test_callers_get_their_replies_one_after_the_other(case: _Case) -> None:
    first = case.model.generate(QUESTION)
    await anext(first)
    second = asyncio.create_task(case.model.generate_simple(QUESTION))
    third = asyncio.create_task(case.model.generate_simple(QUESTION))
    await asyncio.sleep(0)

    rest = [piece async for piece in first]

    assert rest
    assert await second
    assert await third


async def test_a_caller_that_waits_can_be_cancelled(case: _Case) -> None:
    first = case.model.generate(QUESTION)
    await anext(first)
    waiting = asyncio.create_task(case.model.generate_simple(QUESTION))
    await asyncio.sleep(0)

    await cancel_and_wait(waiting)
    rest = [piece async for piece in first]

    assert waiting.cancelled()
    assert rest
    assert await case.model.generate_simple(QUESTION)


async def test_a_reply_that_was_begun_is_gone_on_with(case: _Case) -> None:
    if isinstance(case.model, OpenAiLLM):
        with pytest.raises(InputError, match="begun"):
            await case.model.generate_simple(QUESTION, begun="One, two, three,")
        return
    more = await case.model.generate_simple("Count to nine.", begun="One, two, three,")

    assert more
    assert not more.strip().lower().startswith("one")
    assert not isinstance(case.model, LlamaCppLLM | LlamaServerLLM) or "four" in more.lower()


async def test_the_history_is_part_of_the_prompt(case: _Case) -> None:
    alone = case.model.generate(QUESTION)
    assert [piece async for piece in alone]
    later = case.model.generate(QUESTION, conversation_history=[(LONG, LONG)])
    assert [piece async for piece in later]

    assert later.prompt_tokens >= alone.prompt_tokens + 2 * len(LONG.split())


async def test_history_that_does_not_fit_is_left_out(case: _Case) -> None:
    history = [(LONG, LONG)] * 40

    generation = case.model.generate(QUESTION, conversation_history=history)

    assert [piece async for piece in generation]
    assert 2 * len(LONG.split()) < generation.prompt_tokens <= CONTEXT_TOKENS


async def test_a_prompt_longer_than_the_context_is_refused(case: _Case) -> None:
    with pytest.raises(InputError) as refused:
        await case.model.generate_simple(TOO_LONG)

    asked, fit = re.findall(r"\d+", refused.value.message)[:2]
    assert int(asked) > CONTEXT_TOKENS >= int(fit)
    assert refused.value.hint
    assert await case.model.generate_simple(QUESTION)


@pytest.mark.parametrize("prompt", ["", " \n\t"])
async def test_an_empty_prompt_is_refused(case: _Case, prompt: str) -> None:
    with pytest.raises(InputError):
        await case.model.generate_simple(prompt)
    assert await case.model.generate_simple(QUESTION)


async def test_warming_changes_no_reply(case: _Case) -> None:
    cold = await case.model.generate_simple(QUESTION)

    await case.model.warm()
    await case.model.warm(system_prompt="You are a poet.")
    await case.model.warm()
    assert await case.model.generate_simple(QUESTION) == cold

    await case.model.warm(words="What is the")
    assert await case.model.generate_simple(QUESTION) == cold
    await case.model.warm(words="Tell me something else about")
    assert await case.model.generate_simple(QUESTION) == cold


async def test_the_model_says_what_it_is(case: _Case) -> None:
    await case.model.warm()

    assert case.model.info.name
    assert "/" not in case.model.info.name, "a name, not the path of a file"
    assert case.model.info.backend
    assert case.model.info.context_tokens == CONTEXT_TOKENS


async def test_a_closed_model_refuses_and_closes_again(case: _Case) -> None:
    await case.model.warm()
    await case.model.aclose()
    await case.model.aclose()

    with pytest.raises(EngineError):
        await case.model.generate_simple(QUESTION)
    with pytest.raises(EngineError):
        await case.model.warm()
