"""``LlamaCppLLM`` around a writer that follows a script: waiting, cancelling, failing, closing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, InputError, LoadFailed, ModelMissing
from heisenberg.llm import stream
from heisenberg.llm.base import Sampling
from heisenberg.llm.inprocess.llamacpp import StopFlag
from heisenberg.llm.inprocess.writer import Writer
from heisenberg.llm.request import Request
from heisenberg.llm.stream import LlamaCppLLM

FILE = LlmConfig(model="here/small.gguf", timeout_seconds=60.0)


class Native:
    """What happens on the thread; ``busy`` is set there while a step waits for ``go``."""

    def __init__(self) -> None:
        self.context_tokens = 1024
        self.prompt_tokens_s: float | None = None
        self.sampling: Sampling | None = None
        self.language = ""
        self.load_error: Exception | None = None
        self.loads = 0
        self.go = threading.Event()
        self.go.set()
        self.ignores_stop = False
        self.requests: list[Request] = []
        self.threads: set[str] = set()
        self.closed = False
        self.on_busy: Callable[[], object] = lambda: None

    def load(self, _path: Path, _config: LlmConfig, **options: Any) -> Native:
        self.threads.add(threading.current_thread().name)
        self.loads += 1
        self.sampling, self.language = options["sampling"], options["language"]
        if self.load_error:
            raise self.load_error
        self.wait(options["stop"])
        return self

    def begin(self, request: Request) -> Reply:
        if request.prompt == "refused":
            raise InputError("No.", "Ask something else.")
        self.requests.append(request)
        return Reply(self)

    def begin_warming(
        self, _system: str | None, _history: object, _words: str, _constant: bool
    ) -> bool:
        return True

    def warm(self, stop: StopFlag) -> bool:
        return self.wait(stop)

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed = True

    def wait(self, stop: StopFlag) -> bool:
        """Native work until ``go``; whether it was stopped."""
        self.threads.add(threading.current_thread().name)
        if not self.go.is_set():
            self.on_busy()
        while not self.go.wait(0.001):
            if stop.is_set and not self.ignores_stop:
                return True
        return False


class Reply:
    def __init__(self, native: Native) -> None:
        self._native = native
        self.tokens = 0
        self.prompt_tokens = 7
        self.prompt_ends: float | None = None
        self.ended = False
        self.cut_off = False

    def advance(self, stop: StopFlag) -> str:
        if self._native.wait(stop):
            return ""
        self.tokens += 1
        self.ended = self.tokens == 3
        return f"{self.tokens} "


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> Native:
    native = Native()
    monkeypatch.setattr(Writer, "load", native.load)
    return native


@pytest_asyncio.fixture
async def llm(native: Native) -> AsyncIterator[LlamaCppLLM]:
    llm = LlamaCppLLM(FILE)
    yield llm
    native.go.set()
    await llm.aclose()


def _busy(native: Native) -> asyncio.Event:
    """From now on native work does not end by itself; the event says when some has begun."""
    loop, busy = asyncio.get_running_loop(), asyncio.Event()
    native.on_busy = lambda: loop.call_soon_threadsafe(busy.set)
    native.go.clear()
    return busy


async def test_everything_native_happens_on_one_thread(native: Native, llm: LlamaCppLLM) -> None:
    assert await llm.generate_simple("Hello") == "1 2 3 "
    await llm.aclose()

    assert native.closed
    assert len(native.threads) == 1
    assert native.threads.isdisjoint({threading.main_thread().name})


async def test_it_is_loaded_once_and_then_knows_its_context(
    native: Native, llm: LlamaCppLLM
) -> None:
    assert llm.info.context_tokens == FILE.context_tokens

    await llm.load()
    await llm.load()
    await llm.generate_simple("Hello")

    assert native.loads == 1
    assert llm.info.context_tokens == native.context_tokens
    assert llm.info.name == "small"


async def test_a_failed_load_can_be_tried_again(native: Native, llm: LlamaCppLLM) -> None:
    native.load_error = LoadFailed("It is damaged.", "Pull it again.")
    with pytest.raises(LoadFailed):
        await llm.load()
    native.load_error = None

    assert await llm.generate_simple("Hello")


async def test_a_load_that_is_cancelled_is_stopped(native: Native, llm: LlamaCppLLM) -> None:
    busy = _busy(native)
    loading = asyncio.create_task(llm.load())
    await busy.wait()

    await cancel_and_wait(loading)

    assert loading.cancelled()


async def test_a_cancelled_reader_waits_until_native_work_has_stopped(
    native: Native, llm: LlamaCppLLM
) -> None:
    await llm.load()
    busy = _busy(native)
    native.ignores_stop = True
    reading = asyncio.create_task(llm.generate_simple("Hello"))
    await busy.wait()

    reading.cancel()
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.sleep(0)
    assert not reading.done()
    native.go.set()

    await asyncio.wait([reading])
    assert reading.cancelled()
    assert await llm.generate_simple("Hello")


@pytest.mark.parametrize("ignores_stop", [False, True])
async def test_no_progress_is_an_error(
    native: Native, monkeypatch: pytest.MonkeyPatch, ignores_stop: bool
) -> None:
    monkeypatch.setattr(stream, "_STOPPING_S", 0.01)
    llm = LlamaCppLLM(FILE.model_copy(update={"timeout_seconds": 0.01}))
    await llm.load()
    native.ignores_stop = ignores_stop
    native.go.clear()

    with pytest.raises(EngineError, match=r"no progress for 0\.01 seconds") as late:
        await llm.generate_simple("Hello")

    assert "timeout_seconds" in late.value.hint
    native.go.set()
    await llm.aclose()
    assert native.closed


async def test_warming_can_be_cancelled(native: Native, llm: LlamaCppLLM) -> None:
    await llm.load()
    busy = _busy(native)
    warming = asyncio.create_task(llm.warm())
    await busy.wait()

    await cancel_and_wait(warming)
    native.go.set()

    assert warming.cancelled()
    assert await llm.generate_simple("Hello")


async def test_a_refused_prompt_frees_the_model(llm: LlamaCppLLM) -> None:
    with pytest.raises(InputError):
        await llm.generate_simple("refused")
    assert await llm.generate_simple("Hello")


async def test_a_reply_forgotten_half_way_frees_the_model(llm: LlamaCppLLM) -> None:
    generation = llm.generate("Hello")
    assert await anext(generation) == "1 "
    del generation

    assert await llm.generate_simple("Hello")


async def test_closing_stops_the_reply_being_written(native: Native, llm: LlamaCppLLM) -> None:
    await llm.load()
    busy = _busy(native)
    reading = asyncio.create_task(llm.generate_simple("Hello"))
    waiting = asyncio.create_task(llm.generate_simple("Hello"))
    await busy.wait()

    await llm.aclose()

    for task in (reading, waiting):
        with pytest.raises(EngineError, match="closed"):
            await task
    assert native.closed


async def test_a_model_closed_between_pieces_ends_the_reply_with_an_error(
    llm: LlamaCppLLM,
) -> None:
    async with aclosing(llm.generate("Hello")) as generation:
        await anext(generation)
        await llm.aclose()
        with pytest.raises(EngineError, match="closed"):
            await anext(generation)


async def test_a_model_that_was_never_used_is_never_loaded(
    native: Native, llm: LlamaCppLLM
) -> None:
    await llm.aclose()

    assert native.loads == 0


async def test_what_is_asked_reaches_the_model(native: Native, llm: LlamaCppLLM) -> None:
    history = [("Hello.", "Hi.")]
    generation = llm.generate(
        "Why?", conversation_history=history, system_prompt="Be brief.", max_tokens=9
    )
    history.clear()
    assert [piece async for piece in generation]

    assert native.requests == [Request("Why?", (("Hello.", "Hi."),), "Be brief.", 9)]
    assert (generation.tokens, generation.prompt_tokens) == (3, 7)


@pytest.mark.parametrize(
    ("config", "recommended", "used"),
    [
        ({}, None, Sampling()),
        ({}, Sampling(temperature=0.1, top_k=50), Sampling(temperature=0.1, top_k=50)),
        (
            {"temperature": 0.5, "seed": 3},
            Sampling(temperature=0.1, top_k=50),
            Sampling(temperature=0.5, top_k=50, seed=3),
        ),
        ({"temperature": 0.7}, Sampling(temperature=0.1), Sampling(temperature=0.7)),
        ({"max_tokens": 9}, None, Sampling(max_tokens=9)),
    ],
)
async def test_what_the_user_set_counts_more_than_what_is_recommended(
    native: Native, config: dict[str, Any], recommended: Sampling | None, used: Sampling
) -> None:
    llm = LlamaCppLLM(LlmConfig(model="a.gguf", **config), sampling=recommended, language="fr")
    await llm.load()
    await llm.aclose()

    assert native.sampling == used
    assert native.language == "fr"


@pytest.mark.parametrize("model", ["auto", "qwen3-0.6b-q8_0"])
def test_a_name_needs_a_path(model: str) -> None:
    with pytest.raises(ModelMissing, match=model) as missing:
        LlamaCppLLM(LlmConfig(model=model))
    assert "path" in missing.value.hint


async def test_a_name_with_a_path_is_called_by_its_name() -> None:
    llm = LlamaCppLLM(LlmConfig(), model_path=Path("elsewhere/file.gguf"), name="small")

    assert llm.info.name == "small"
    assert llm.info.backend == "inprocess"
    await llm.aclose()
