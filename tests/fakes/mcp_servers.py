"""An MCP server with all kinds of tools, and as a program with all kinds of habits:
``python -m tests.fakes.mcp_servers KIND``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import McpError
from mcp.types import (
    CallToolResult,
    ContentBlock,
    ImageContent,
    SamplingMessage,
    TextContent,
    Tool,
    ToolAnnotations,
)

ROOM: dict[str, Any] = {
    "type": "object",
    "properties": {"room": {"type": "string", "enum": ["kitchen", "hall"]}},
    "required": ["room"],
    "additionalProperties": False,
}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
TOOLS = [
    Tool(
        name="temperature",
        description="The temperature of\x1b[31m a\x00 room,\n in degrees. " + "Long. " * 200,
        inputSchema=ROOM,
        annotations=ToolAnnotations(readOnlyHint=True),
    ),
    Tool(name="heat", description="Switch the heating on.", inputSchema=ROOM),
    Tool(name="crooked", description="Crooked.", inputSchema={"type": "objekt"}),
    Tool(name="long", description="Tells very much.", inputSchema=NOTHING),
    Tool(name="picture", description="Shows a picture.", inputSchema=NOTHING),
    Tool(name="fails", description="Fails.", inputSchema=NOTHING),
    Tool(name="hangs", description="Never answers.", inputSchema=NOTHING),
    Tool(name="dies", description="Dies.", inputSchema=NOTHING),
    Tool(name="environment", description="What it knows.", inputSchema=NOTHING),
    Tool(name="secrets", description="Asks for more than it gets.", inputSchema=NOTHING),
    Tool(
        name="untrue",
        description="Promises a number.",
        inputSchema=NOTHING,
        outputSchema={"type": "object", "properties": {"number": {"type": "integer"}}},
    ),
]


async def _call(name: str, arguments: dict[str, Any], session: ServerSession) -> Any:
    match name:
        case "temperature":
            return _texts(f"It is 21 degrees in the {arguments['room']}.")
        case "long":
            return _texts("word\x07 " * 100_000)
        case "picture":
            return [ImageContent(type="image", data="AAAA", mimeType="image/png")]
        case "fails":
            raise RuntimeError("The boiler is out.\nCall the plumber.")
        case "hangs":
            await asyncio.Event().wait()
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "environment":
            return _texts(" ".join(sorted(os.environ)))
        case "secrets":
            return _texts("; ".join([await _refusal(ask) for ask in _asks(session)]))
        case "untrue":
            return CallToolResult(content=_texts("Many."), structuredContent={"number": "many"})
    return _texts("done")


def _texts(*texts: str) -> list[ContentBlock]:
    return [TextContent(type="text", text=text) for text in texts]


def _asks(session: ServerSession) -> list[Callable[[], Awaitable[object]]]:
    """What a server may ask of a client."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text="The password?"))
    return [
        lambda: session.create_message([message], max_tokens=10),
        lambda: session.elicit("The password?", {"type": "object", "properties": {}}),
        session.list_roots,
    ]


async def _refusal(ask: Callable[[], Awaitable[object]]) -> str:
    try:
        return f"got {await ask()}"
    except McpError as exc:
        return exc.error.message


def good_server() -> Server[Any, Any]:
    """One with all of ``TOOLS``, each of which does what it is called."""
    server: Server[Any, Any] = Server("house")

    @server.list_tools()  # type: ignore[no-untyped-call, untyped-decorator]
    async def listed() -> list[Tool]:
        return TOOLS

    @server.call_tool(validate_input=False)  # type: ignore[untyped-decorator]
    async def called(name: str, arguments: dict[str, Any]) -> Any:
        return await _call(name, arguments, server.request_context.session)

    return server


async def _serve() -> None:
    server = good_server()
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _notify_without_end() -> None:
    """Beside what it is asked for."""
    line = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n'

    async def notify() -> None:
        while True:
            sys.stdout.write(line * 20)
            sys.stdout.flush()
            await anyio.sleep(0.001)

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(notify)
            await _serve()
            group.cancel_scope.cancel()

    anyio.run(both)


def main(kind: str, *rest: str) -> None:
    match kind:
        case "once":  # the second time it does not start
            file = Path(rest[0])
            if file.exists():
                return
            file.touch()
        case "rubbish":
            print("Welcome!\n{}\n[]\n\xff", flush=True)
            print(f"The key is {os.environ['KEY']}.\n" * 1000, file=sys.stderr, flush=True)
        case "tells_id":
            print(os.getpid(), file=sys.stderr, flush=True)
        case "notifies":
            _notify_without_end()
            return
    anyio.run(_serve)


if __name__ == "__main__":
    main(*sys.argv[1:])
