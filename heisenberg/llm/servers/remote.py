"""A language model on a server, of whatever kind."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol, Unpack
from urllib.parse import urlsplit

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, InputError
from heisenberg.llm.base import (
    History,
    ModelInfo,
    ReplyOptions,
    Sampling,
    Structure,
    Tool,
    ToolResult,
)
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.inprocess.pieces import Pieces
from heisenberg.llm.prompts import system_prompt
from heisenberg.llm.prompts.budget import check_question
from heisenberg.llm.reading import read
from heisenberg.llm.request import Request
from heisenberg.llm.sampling import choose_sampling
from heisenberg.llm.servers.model_server import Json, ModelServer
from heisenberg.llm.structure import check_schema
from heisenberg.llm.tools.talk_or_calls import QWEN_MARKERS, check_tools

CHECK_S: Final = 1.0
"""A server that takes longer to say that it is well is not."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be answered, with everything filled in."""

    prompt: str
    history: History
    system_prompt: str
    sampling: Sampling
    structure: Structure | None = None
    begun: str = ""
    tools: Sequence[Tool] = ()
    results: Sequence[ToolResult] = ()
    model: str = ""
    """Of the server's models; the one that ``Dialect.describe`` found unless it is said."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request that streams a reply; ``stops`` are texts that end it."""

    path: str
    body: Json
    stops: Sequence[str] = ()
    thinking: bool = False


@dataclass(frozen=True, slots=True)
class CallPart:
    """Part of a call of a tool that a server has understood itself.

    ``arguments`` are JSON, or a piece of it: parts with the same ``index`` belong together, one
    without is a whole call.
    """

    index: int | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What one object of a stream says; ``None`` where it says nothing about that."""

    text: str = ""
    done: bool = False
    tokens: int | None = None
    prompt_tokens: int | None = None
    calls: Sequence[CallPart] = ()
    cut_off: bool = False


class Dialect(Protocol):
    """How one kind of server is spoken to."""

    @property
    def health_path(self) -> str:
        """What a server that is well answers to."""
        ...

    async def describe(self, server: ModelServer) -> ModelInfo:
        """Which model there is; it is there afterwards."""
        ...

    async def post(self, server: ModelServer, ask: Ask) -> Post:
        """The request that has ``ask`` answered. Raises ``InputError`` if it is too long."""
        ...

    async def warming(self, server: ModelServer, ask: Ask) -> Post | None:
        """The request that has what ``ask`` begins with evaluated; ``None``: there is none."""
        ...

    def read(self, event: Json) -> Delta:
        """What an object of the reply's stream says. Raises ``EngineError`` if it failed."""
        ...


class RemoteLLM:
    """A ``LanguageModel`` behind HTTP. Several replies are written at once if the server does so.

    Nothing is asked of the server before the first use.
    """

    def __init__(
        self,
        config: LlmConfig,
        dialect: Dialect,
        server: ModelServer,
        *,
        backend: str,
        language: str = "en",
    ) -> None:
        self._dialect = dialect
        self._server = server
        self._read_personality = partial(system_prompt, config.system_prompt, language)
        self._personality = ""
        self._sampling = choose_sampling(config, None)
        self._known = False
        self._closed = False
        self._info = ModelInfo(config.model, backend, config.context_tokens, is_local(server.url))

    @property
    def info(self) -> ModelInfo:
        """What is configured until the server was asked, then what it says."""
        return self._info

    async def load(self) -> None:
        """Ask the server which model it has.

        Raises ``EngineError``, ``ModelMissing``; ``ConfigError`` for an unknown personality.
        """
        self._check_open()
        if not self._known:
            self._personality = await asyncio.to_thread(self._read_personality)
            self._info = await self._dialect.describe(self._server)
            self._known = True

    async def check(self) -> None:
        """Whether the server is well. Raises ``EngineError``, within a second or so."""
        self._check_open()
        await self._server.get(self._dialect.health_path, timeout_s=CHECK_S)

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> StreamedGeneration:
        """See ``LanguageModel``; ``rank`` counts for nothing, the server decides."""
        request = Request.of(prompt, options)
        progress = Progress(self._info)
        pieces = self._write(request, options.get("model"), progress)
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
        del constant  # what a server keeps is its business
        await self.load()
        ask = self._completed(Request(words, tuple(conversation_history), system_prompt))
        post = await self._dialect.warming(self._server, ask)
        if post is not None:
            async with aclosing(self._server.stream(post.path, post.body)) as events:
                async for event in events:
                    self._dialect.read(event)

    async def aclose(self) -> None:
        self._closed = True
        await self._server.aclose()

    def _completed(self, request: Request) -> Ask:
        system = self._personality if request.system_prompt is None else request.system_prompt
        return Ask(
            request.message,
            request.history,
            system,
            request.sampling(self._sampling),
            request.structure,
            request.begun,
            request.tools,
            request.results,
        )

    async def _write(
        self, request: Request, model: str | None, progress: Progress
    ) -> AsyncGenerator[str, None]:
        await self.load()
        ask = self._completed(request)
        progress.model = self._info
        if model is not None:
            ask = replace(ask, model=model)
            progress.model = replace(self._info, name=model)
        check_question(ask.prompt)
        await asyncio.to_thread(_check, ask)  # it imports what it checks with
        while True:
            post = await self._dialect.post(self._server, ask)
            try:
                pieces = Pieces(post.stops, thinking=post.thinking, begun=bool(ask.begun.strip()))
                async with aclosing(self._read(post, pieces, progress)) as texts:
                    async for text in texts:
                        yield text
            except InputError:
                # Only the server can count; before the first word it may be asked for less.
                if progress.tokens or not ask.history:
                    raise
                ask = replace(ask, history=ask.history[len(ask.history) // 2 + 1 :])
            except EngineError:
                # When it is back it may have another model.
                self._known = False
                raise
            else:
                return

    async def _read(
        self, post: Post, pieces: Pieces, progress: Progress
    ) -> AsyncGenerator[str, None]:
        done = False
        calls: list[CallPart] = []
        async with aclosing(self._server.stream(post.path, post.body)) as events:
            async for event in events:
                delta = self._dialect.read(event)
                _note(progress, delta)
                calls += delta.calls
                text = pieces.add(delta.text.encode())
                progress.cut_off |= delta.cut_off and not pieces.stopped
                if text:
                    yield text
                done = done or delta.done or pieces.stopped
                if pieces.stopped:
                    break
        if not done:
            raise EngineError(
                f"The language model server at {self._server.url} ended in the middle of a reply.",
                "Look into its log.",
            )
        if text := pieces.end() + _written(calls):
            yield text

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The language model is closed.")


def is_local(url: str) -> bool:
    """Whether what is sent there stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(ask: Ask) -> None:
    check_tools(ask.tools)
    if ask.structure is not None and ask.structure.schema is not None:
        check_schema(ask.structure.schema)


def _written(parts: Sequence[CallPart]) -> str:
    """The calls as a model writes them: they are read where all calls are."""
    begin, end = QWEN_MARKERS
    calls: dict[object, list[CallPart]] = {}
    for part in parts:
        calls.setdefault(part if part.index is None else part.index, []).append(part)
    text = ""
    for own in calls.values():
        name = json.dumps("".join(part.name for part in own))
        arguments = "".join(part.arguments for part in own) or "{}"
        text += f'{begin}{{"name": {name}, "arguments": {arguments}}}{end}'
    return text


def _note(progress: Progress, delta: Delta) -> None:
    """Count: servers tell how many tokens there were at the end only."""
    if delta.tokens is not None:
        progress.tokens = delta.tokens
    elif delta.text:
        progress.tokens += 1
    if delta.prompt_tokens is not None:
        progress.prompt_tokens = delta.prompt_tokens
