"""A language model server that follows a script: what each path answers, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Part: TypeAlias = "bytes | asyncio.Event"
"""Bytes are sent as they are, in a chunk of their own; an event is waited for."""

SSE = "text/event-stream"
NDJSON = "application/x-ndjson"
JSON = "application/json"


@dataclass(slots=True)
class Answer:
    """What a path answers. With ``breaks`` the connection ends without the end of the answer."""

    parts: Sequence[Part] = ()
    status: int = 200
    content_type: str = JSON
    breaks: bool = False


@dataclass(slots=True)
class Asked:
    """One request, and whether the client has gone away before its answer was complete."""

    path: str
    body: Any
    headers: dict[str, str]
    left: asyncio.Event = field(default_factory=asyncio.Event)


Script: TypeAlias = Callable[[Asked], Answer]


class ScriptedServer:
    """On 127.0.0.1; ``answers`` by path, ``asked`` is what came in."""

    def __init__(self) -> None:
        self.answers: dict[str, Script] = {}
        self.asked: list[Asked] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, answer: Answer | Script) -> None:
        self.answers[path] = answer if callable(answer) else lambda _asked: answer

    def put_json(self, path: str, content: Any, status: int = 200) -> None:
        self.put(path, Answer([json.dumps(content).encode()], status))

    def asked_of(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def start(self) -> None:
        """On the port that it had before, if it had one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """As a process that dies: every connection breaks, and nobody listens."""
        assert self._server is not None
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split()[1]
        fields = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in fields}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(path, json.loads(content) if content else None, headers)
        self.asked.append(asked)
        script = self.answers.get(path)
        answer = script(asked) if script else Answer([b'{"error": "not found"}'], 404)
        writer.write(
            f"HTTP/1.1 {answer.status} X\r\nContent-Type: {answer.content_type}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        for part in answer.parts:
            if isinstance(part, bytes):
                writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                await writer.drain()
            elif not await _unless_left(reader, part.wait(), asked):
                return False
        if answer.breaks:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _unless_left(reader: asyncio.StreamReader, waiting: Awaitable[Any], asked: Asked) -> bool:
    """Wait; False if the client goes away meanwhile."""
    wait = asyncio.ensure_future(waiting)
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({wait, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (wait, gone):
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await one
    if wait.cancelled():
        asked.left.set()
        return False
    return True


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


def sse(*events: Any, done: bool = True) -> list[Part]:
    """Server-sent events, one chunk each; with OpenAI's end."""
    parts: list[Part] = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
    return [*parts, b"data: [DONE]\n\n"] if done else parts


def lines(*events: Any) -> list[Part]:
    """JSON, a line each."""
    return [f"{json.dumps(event)}\n".encode() for event in events]
