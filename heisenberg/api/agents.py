"""``/mcp``: the Model Context Protocol over HTTP, for coding agents.

Each request stands for itself, so there are no sessions to keep, and no stream of its own to a
client that waits. The library is loaded with the first one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from heisenberg.api.streaming import while_connected
from heisenberg.core.app import App
from heisenberg.core.errors import InputError
from heisenberg.mcp.server import agent_server
from heisenberg.service.agent_commands import agent_commands

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

_WHO = "an agent"
"""All of them have one conversation."""


def agent_route(app: App, language: str) -> Route:
    """``language`` is what a timer that is set there speaks."""
    return Route("/mcp", _Endpoint(app, language), methods=["POST"])


class _Endpoint:
    """An ASGI app."""

    def __init__(self, app: App, language: str) -> None:
        self._commands = agent_commands(app, language)
        self._server: Server[Any, Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        try:
            body.decode()
        except UnicodeDecodeError as exc:
            raise InputError("The request is not UTF-8.", "Send JSON, as JSON-RPC has it.") from exc
        if self._server is None:
            self._server = await asyncio.to_thread(agent_server, self._ask, _WHO)
        for message in await while_connected(request, _answer(self._server, scope, body)):
            await send(message)

    async def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = {}
        async with aclosing(self._commands[request["do"]](request)) as parts:
            async for part in parts:
                answer = part
        return answer


async def _answer(server: Server[Any, Any], scope: Scope, body: bytes) -> Sequence[Message]:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    # One is there for one request: what it starts has then ended.
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)
    return messages
