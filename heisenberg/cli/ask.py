"""``heisenberg ask`` and ``heisenberg chat``: the same assistant, in writing."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.core.conversation import Conversation

_LEAVE: Final = frozenset({"/bye", "/exit", "/quit"})


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Ask one question in writing."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_ask(load_config(config, settings), question, as_json=as_json))


def chat(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Talk in writing; /bye or Ctrl-D ends it."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_chat(load_config(config, settings)))


async def _ask(config: Config, question: str, *, as_json: bool) -> int:
    from heisenberg.core.lifecycle import Stages
    from heisenberg.main import load_conversation

    async with Stages() as stages:
        conversation = await load_conversation(config, stages)
        asked_s = time.monotonic()
        first_s: float | None = None
        text = ""
        async with aclosing(conversation.reply(question)) as generation:
            async for piece in generation:
                first_s = first_s or time.monotonic()
                text += piece
                if not as_json:
                    typer.echo(piece, nl=False)
        ended_s = time.monotonic()
        if not as_json:
            typer.echo("")
            return 0
        document = {
            "text": text.strip(),
            "tokens": generation.tokens,
            "prompt_tokens": generation.prompt_tokens,
            "ttft_ms": round(((first_s or ended_s) - asked_s) * 1000, 1),
            "total_ms": round((ended_s - asked_s) * 1000, 1),
            "model": generation.model.name,
            "backend": generation.model.backend,
            "local": generation.model.local,
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
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

    text = ""
    try:
        async with aclosing(conversation.reply(question)) as generation:
            async for piece in generation:
                text += piece
                typer.echo(piece, nl=False)
    except HeisenbergError as exc:
        typer.echo(f"\n{exc}", err=True)
        return
    typer.echo("")
    conversation.remember(question, text.strip())


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
