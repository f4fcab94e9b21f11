"""The language model in this process: llama.cpp, streaming, stopped at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar, Unpack

from heisenberg.core.aio import EngineThread, finish
from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, ModelMissing
from heisenberg.llm.base import History, ModelInfo, Rank, ReplyOptions, Sampling
from heisenberg.llm.broker import Broker
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.inprocess.llamacpp import StopFlag
from heisenberg.llm.inprocess.model_use import ModelUse
from heisenberg.llm.inprocess.writer import Writer
from heisenberg.llm.reading import read
from heisenberg.llm.request import Request
from heisenberg.llm.sampling import choose_sampling

T = TypeVar("T")

_STOPPING_S: Final = 2.0
"""How long a call that makes no progress is given to stop before it is left to itself."""


class LlamaCppLLM:
    """A ``LanguageModel`` that runs a GGUF file on a thread of its own."""

    def __init__(
        self,
        config: LlmConfig,
        *,
        model_path: Path | None = None,
        name: str | None = None,
        sampling: Sampling | None = None,
        language: str = "en",
        states_folder: Path | None = None,
        broker: Broker | None = None,
        on_progress: Callable[[float], None] = lambda _share: None,
    ) -> None:
        """Nothing is loaded yet.

        ``model_path`` is needed where ``config.model`` is not a path itself; ``name`` is what to
        call the model; ``sampling`` is what its makers recommend, and counts where the
        configuration sets nothing; ``language`` is that of the personality which
        ``config.system_prompt`` names; ``states_folder`` is where that one, evaluated by ``warm``,
        is kept for the next start; ``broker`` is that of other models with which it shares the
        processor; ``on_progress`` hears, on another thread, how much of the file is loaded, from 0
        to 1. Raises ``ModelMissing`` when there is no path.
        """
        self._config = config
        self._path = model_path or _path_in(config.model)
        self._sampling = choose_sampling(config, sampling)
        self._language = language
        self._states_folder = states_folder
        self._on_progress = on_progress
        self._info = ModelInfo(name or self._path.stem, "inprocess", config.context_tokens)
        self._thread = EngineThread("llm")
        self._broker = broker or Broker()
        self._loading = asyncio.Lock()
        self._stop = StopFlag()
        self._writer: Writer | None = None
        self._closed = False

    @property
    def info(self) -> ModelInfo:
        """The context is what was asked for until the model is loaded, then what there is."""
        return self._info

    async def load(self) -> None:
        """Load the model now; otherwise the first use does.

        Raises ``ModelMissing``, ``LoadFailed``; ``ConfigError`` for an unknown personality.
        """
        await self._loaded()

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        """See ``LanguageModel``; the reply is written while it is iterated.

        ``EngineError`` is also raised after ``timeout_seconds`` without progress, and when the
        model is closed meanwhile.
        """
        request = Request.of(prompt, options)
        progress = Progress(self._info)
        pieces = self._write(request, options.get("rank", Rank.VOICE), progress)
        return StreamedGeneration(read(pieces, request, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(
        self,
        *,
        system_prompt: str | None = None,
        conversation_history: History = (),
        words: str = "",
        constant: bool = False,
    ) -> None:
        history = tuple(conversation_history)
        async with self._use(Rank.DRAFT) as use:
            more = await use.run(
                lambda writer, _: writer.begin_warming(system_prompt, history, words, constant)
            )
            while more:
                more = await use.run(lambda writer, stop: writer.warm(stop))

    async def aclose(self) -> None:
        """Stop the reply being written, free the model, end the thread; again does nothing."""
        if not self._closed:
            self._closed = True
            self._stop.set()
            await self._thread.aclose(self._close_writer)

    async def _write(
        self, request: Request, rank: Rank, progress: Progress
    ) -> AsyncGenerator[str, None]:
        async with self._use(rank) as use:
            reply = await use.run(lambda writer, _: writer.begin(request))
            progress.model = self._info
            while not reply.ended:
                piece = await use.run(lambda _, stop: reply.advance(stop))
                progress.tokens = reply.tokens
                progress.prompt_tokens = reply.prompt_tokens
                progress.prompt_ends = reply.prompt_ends
                progress.cut_off = reply.cut_off
                if piece:
                    use.rest()
                    yield piece

    @asynccontextmanager
    async def _use(self, rank: Rank) -> AsyncIterator[ModelUse]:
        """The loaded model, when it is our turn."""
        use = ModelUse(await self._loaded(), rank, self._broker, self._run)
        async with use:
            yield use

    async def _loaded(self) -> Writer:
        async with self._loading:
            if self._writer is None:
                stop = StopFlag()
                await self._run(lambda: self._load(stop), stop, timed=False)
            assert self._writer is not None
        self._info = replace(
            self._info,
            context_tokens=self._writer.context_tokens,
            prompt_tokens_s=self._writer.prompt_tokens_s,
        )
        return self._writer

    def _load(self, stop: StopFlag) -> None:
        # Kept from here, on the thread: a caller that is cancelled meanwhile would lose it.
        self._writer = Writer.load(
            self._path,
            self._config,
            sampling=self._sampling,
            language=self._language,
            stop=stop,
            states_folder=self._states_folder,
            on_progress=self._on_progress,
        )

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _run(self, call: Callable[[], T], stop: StopFlag, *, timed: bool = True) -> T:
        """Run ``call`` on the thread; when it is cancelled or late, ``stop`` ends it.

        The thread is then free again, unless native code ignores ``stop``.
        """
        self._check_open()
        self._stop = stop
        work = asyncio.ensure_future(self._thread.run(call))
        try:
            timeout_s = self._config.timeout_seconds if timed else None
            await asyncio.wait({work}, timeout=timeout_s)
            if not work.done():
                stop.set()
                await asyncio.wait({work}, timeout=_STOPPING_S)
                work.add_done_callback(asyncio.Task.exception)
                raise EngineError(
                    f"The language model made no progress for {timeout_s:g} seconds.",
                    "Choose a smaller model, or set llm.timeout_seconds higher.",
                )
        except asyncio.CancelledError:
            stop.set()
            with contextlib.suppress(Exception):
                await finish(work)
            raise
        self._check_open()
        return work.result()

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The language model is closed.")


def _path_in(model: str) -> Path:
    if model.endswith(".gguf") or "/" in model or os.sep in model:
        return Path(model).expanduser()
    raise ModelMissing(
        f"'{model}' is not the path of a model file.",
        "Set llm.model to a GGUF file, or pass the path that the model store has for this name.",
    )
