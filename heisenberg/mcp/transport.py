"""The ways to a server: a program that is started, or an address.

The library's own way to a program reads lines of any length, and logs those that are none with a
traceback each. A server may be broken, or worse.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog

from heisenberg.core.aio import finish, task_group
from heisenberg.core.config.mcp import McpServerConfig
from heisenberg.mcp.strangers_text import one_line

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage

    Incoming: TypeAlias = MemoryObjectReceiveStream[SessionMessage | Exception]
    Outgoing: TypeAlias = MemoryObjectSendStream[SessionMessage]

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a message."""
_BLOCK_BYTES: Final = 64 * 1024
"""What is read at once; who floods is not read far ahead of."""
BYTES_PER_S: Final = 1e6
_MESSAGE_BYTES: Final = 200
"""As much as a message counts besides its length."""
_TOLD_LINES: Final = 100
"""Of what a program writes to its standard error."""
_TOLD_CHARACTERS: Final = 300
ENDING_S: Final = 1.0
"""So long may a program take to end by itself, and then after SIGTERM."""

_log = structlog.get_logger(__name__)


class ServerLost(Exception):
    """The server can't be reached, or no longer; says why in a few words."""


async def pace(size: int, messages: int = 1) -> None:
    """Wait as long as ``size`` bytes may take: who floods takes a part of a core, not all."""
    await asyncio.sleep((size + messages * _MESSAGE_BYTES) / BYTES_PER_S)


@asynccontextmanager
async def program(name: str, config: McpServerConfig) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """Start the program of ``config``; it has ended when the context has.

    Raises ``ServerLost`` in the context when it ends or writes what is no protocol.
    """
    import anyio

    process, pipes = await _start(config)
    to_session, incoming = anyio.create_memory_object_stream[Any](0)
    outgoing, from_session = anyio.create_memory_object_stream[Any](0)
    try:
        async with task_group() as group, to_session, incoming, outgoing, from_session:
            tasks = [
                group.create_task(_read(name, process, to_session), name="mcp read"),
                group.create_task(_write(process, from_session), name="mcp write"),
                group.create_task(_tell_errors(name, process, config), name="mcp stderr"),
            ]
            try:
                yield incoming, outgoing
            finally:
                for task in tasks:
                    task.cancel()
    finally:
        await finish(asyncio.ensure_future(_end(process)))
        pipes.close()


async def _start(config: McpServerConfig) -> tuple[Process, asyncio.SubprocessTransport]:
    from mcp.client.stdio import get_default_environment

    loop = asyncio.get_running_loop()
    own = {variable: value.get_secret_value() for variable, value in config.env.items()}
    try:
        pipes, protocol = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(limit=_BLOCK_BYTES, loop=loop),
            *config.command,
            env={**get_default_environment(), **own},
            start_new_session=True,  # Ctrl-C is for us
        )
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise ServerLost(f"{config.command[0]} can't be started: {reason}") from exc
    return Process(pipes, protocol, loop), pipes


async def _read(name: str, process: Process, to_session: Any) -> None:
    import anyio

    is_told = False
    rest = b""
    while process.stdout is not None and (block := await process.stdout.read(_BLOCK_BYTES)):
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > MOST_BYTES:
            raise ServerLost(f"it sent more than {MOST_BYTES} bytes at once")
        for line in lines:
            if (message := _message(line)) is not None:
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await to_session.send(message)
            elif not is_told:
                is_told = True
                _log.warning("a server writes what is no protocol", server=name)
        await pace(len(block), len(lines))
    raise ServerLost("it has ended")


def _message(line: bytes) -> SessionMessage | None:
    from mcp.shared.message import SessionMessage
    from mcp.types import JSONRPCMessage

    try:
        return SessionMessage(JSONRPCMessage.model_validate_json(line))
    except ValueError:
        return None


async def _write(process: Process, from_session: Any) -> None:
    async for message in from_session:
        if process.stdin is None:
            return
        text = message.message.model_dump_json(by_alias=True, exclude_none=True)
        process.stdin.write(text.encode() + b"\n")
        with suppress(ConnectionError):  # that it has ended is seen where it is read
            await process.stdin.drain()


async def _tell_errors(name: str, process: Process, config: McpServerConfig) -> None:
    """Everything is read, so that it is never held up; a little is told to who debugs."""
    told = 0
    while process.stderr is not None and (block := await process.stderr.read(_BLOCK_BYTES)):
        for line in block.decode(errors="replace").splitlines():
            if line.strip() and told < _TOLD_LINES:
                told += 1
                said = one_line(line, _TOLD_CHARACTERS, config.secrets)
                _log.debug("a server says", server=name, said=said)
        await pace(len(block))


async def _end(process: Process) -> None:
    """By closing its input, then by a signal, then by force; its children too."""
    if process.stdin is not None:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDING_S):
                await process.wait()
        with suppress(OSError):  # nothing is left of it
            os.killpg(process.pid, number)
    await process.wait()


@asynccontextmanager
async def address(config: McpServerConfig) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """Reach the server at the url of ``config``.

    What fails there is raised in the context, by the library, in groups.
    """
    from mcp.client.streamable_http import streamable_http_client

    from heisenberg.mcp.http_client import http_client

    client = await asyncio.to_thread(http_client, config, MOST_BYTES, pace)
    async with client, streamable_http_client(config.url, http_client=client) as streams:
        yield streams[0], streams[1]
