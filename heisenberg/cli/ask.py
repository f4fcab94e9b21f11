"""``heisenberg ask`` and ``heisenberg chat``: the same assistant, in writing.

A running Heisenberg answers, so that there is no second model beside it; where none runs, or where
settings of one's own are to count, a model is loaded.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Final

import typer

from heisenberg.cli.answer_line import answer_line
from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.core.conversation import Conversation

_SOON_S: Final = 5.0
_LEAVE: Final = frozenset({"/bye", "/exit", "/quit"})


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Ask one question in writing."""
    from heisenberg.core import lifecycle
    from heisenberg.core.errors import NotRunning

    settled = load_config(config, settings)
    if not settings:
        with contextlib.suppress(NotRunning):
            return _ask_running(settled, question, as_json=as_json)
    return lifecycle.run(_ask(settled, question, as_json=as_json))


def chat(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Talk in writing; /bye or Ctrl-D ends it."""
    from heisenberg.core import lifecycle

    settled = load_config(config, settings)
    if not settings and _is_running(settled):
        return _chat_running(settled)
    return lifecycle.run(_chat(settled))


def _ask_running(config: Config, question: str, *, as_json: bool) -> int:
    from heisenberg.cli.ask_running import ask_running
    from heisenberg.core.lifecycle import EXIT_INTERRUPTED

    try:
        answer = ask_running(config, question, show=not as_json)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        return EXIT_INTERRUPTED
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    return 0


def _is_running(config: Config) -> bool:
    """Whether a Heisenberg runs, however it is."""
    from heisenberg.cli.ask_running import control_socket
    from heisenberg.core.errors import HeisenbergError, NotRunning
    from heisenberg.service.client import send
    from heisenberg.service.wire import ModelCommand

    try:
        send(control_socket(config), {"do": ModelCommand.LOADED.value}, _SOON_S)
    except NotRunning:
        return False
    except HeisenbergError:
        return True
    return True


def _chat_running(config: Config) -> int:
    from heisenberg.cli.ask_running import chat_running
    from heisenberg.core.phrases import Phrases

    prompt = "> " if sys.stdin.isatty() else ""
    if prompt:
        typer.echo("Talking to the running Heisenberg. Ctrl-D ends it.")
    typed = _typed(prompt) if prompt else _piped()
    lines = itertools.takewhile(lambda line: line.strip() not in _LEAVE, typed)
    said = (line.strip() for line in lines if line.strip())
    return chat_running(config, said, Phrases.load(config.languages[0]))


async def _ask(config: Config, question: str, *, as_json: bool) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.core.reply import Answered, answer
    from heisenberg.main import load_conversation

    async with Stages() as stages:
        conversation = await load_conversation(config, stages)
        answered = Answered(conversation.model)
        first_ms: float | None = None
        pieces = answer(conversation, question, answered)
        async with aclosing(pieces):
            with answer_line() as line:
                async for piece in pieces:
                    first_ms = first_ms or answered.processing_time_ms
                    if not as_json:
                        line.add(piece)
        total_ms = answered.processing_time_ms
        if as_json:
            timed = {"ttft_ms": first_ms or total_ms, "total_ms": total_ms}
            typer.echo(json.dumps({**answered.as_dict(), **timed}, ensure_ascii=False))
    return 0


async def _chat(config: Config) -> int:
    import asyncio

    from heisenberg.core.aio import cancel_and_wait
    from heisenberg.core.lifecycle import Stages
    from heisenberg.core.phrases import Phrases
    from heisenberg.main import load_conversation

    phrases = await asyncio.to_thread(Phrases.load, config.languages[0])
    settling: asyncio.Task[None] | None = None
    async with Stages() as stages:
        conversation = await load_conversation(config, stages)
        prompt = "> " if sys.stdin.isatty() else ""
        if prompt:
            typer.echo(f"Talking to {conversation.model.name}. Ctrl-D ends it.")
        async with aclosing(_lines(prompt)) as lines:
            async for line in lines:
                if line.strip() in _LEAVE:
                    break
                if line.strip():
                    if settling is not None:
                        await cancel_and_wait(settling)
                    if phrases.asks_to_forget(line):
                        await conversation.forget()
                        typer.echo(phrases.forgotten)
                    else:
                        await _answer(conversation, line.strip())
                    settling = asyncio.create_task(conversation.settle(), name="settle")
        if settling is not None:
            await cancel_and_wait(settling)
    return 0


async def _answer(conversation: Conversation, question: str) -> None:
    from heisenberg.core.errors import HeisenbergError
    from heisenberg.core.reply import Answered, answer

    answered = Answered(conversation.model)
    try:
        async with aclosing(answer(conversation, question, answered)) as pieces:
            with answer_line() as line:
                async for piece in pieces:
                    line.add(piece)
    except HeisenbergError as exc:
        typer.echo(str(exc), err=True)
        return
    conversation.remember(question, answered.text)


async def _lines(prompt: str) -> AsyncGenerator[str, None]:
    """Lines of standard input; read on a daemon thread, since a read can't be interrupted."""
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    asked = threading.Semaphore(0)
    answers: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        typed = _typed(prompt) if sys.stdin.isatty() else _piped()
        while asked.acquire():
            loop.call_soon_threadsafe(answers.put_nowait, next(typed, None))

    threading.Thread(target=read, name="standard-input", daemon=True).start()
    while True:
        asked.release()
        line = await answers.get()
        if line is None:
            return
        yield line


def _typed(prompt: str) -> Iterator[str]:
    with contextlib.suppress(EOFError, OSError):
        while True:
            yield input(prompt)


def _piped() -> Iterator[str]:
    """Read below Python's buffers, whose locks a thread left behind would hold at exit."""
    rest = b""
    while block := os.read(sys.stdin.fileno(), 65536):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")
