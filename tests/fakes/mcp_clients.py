"""Skills that talk to MCP servers, and where these servers are."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp, Receive, Scope, Send

from heisenberg.api.server import ApiServer
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config.api import ApiConfig
from heisenberg.core.config.mcp import McpServerConfig
from heisenberg.core.errors import SkillError
from heisenberg.mcp.skill import McpSkill
from heisenberg.skills.base import Action, Call
from tests.fakes.skills import NOW

SOON_S = 30.0
ALLOWED = (
    *("temperature", "heat", "long", "picture", "fails", "hangs", "dies"),
    *("environment", "secrets", "untrue"),
)
_RUBBISH = str(Path(__file__).with_name("mcp_rubbish.py"))


class NoBell:
    """A room where nothing rings."""

    async def ring(self, text: str) -> None:
        raise AssertionError(text)


def program(kind: str = "good", *rest: str, **settings: Any) -> McpServerConfig:
    """A server of ``mcp_servers``; all its good tools are allowed unless said."""
    command = (sys.executable, "-m", "tests.fakes.mcp_servers", kind, *rest)
    return McpServerConfig(**{"command": command, "allow": ALLOWED, **settings})


def rubbish(kind: str) -> McpServerConfig:
    """A program of ``mcp_rubbish``."""
    return McpServerConfig(command=(sys.executable, "-I", "-S", _RUBBISH, kind))


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The url of ``app``."""
    api = await ApiServer.open(app, ApiConfig(port=0))
    try:
        yield f"{api.url}/mcp"
    finally:
        await api.aclose()


@asynccontextmanager
async def over_http(server: Server[Any, Any]) -> AsyncIterator[str]:
    """The same of ``server``."""
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await manager.handle_request(scope, receive, send)

    async with served(app) as url, manager.run():
        yield url


@asynccontextmanager
async def working(config: McpServerConfig) -> AsyncIterator[McpSkill]:
    """A skill named ``house``, at work."""
    skill = await asyncio.to_thread(McpSkill, "house", config, ("en", "fr"))
    work = asyncio.create_task(skill.work(NoBell()), name="work")
    try:
        yield skill
        assert not work.done(), work
    finally:
        await cancel_and_wait(work)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until ``condition`` holds."""
    async with asyncio.timeout(SOON_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


async def connected(skill: McpSkill) -> None:
    """Wait until it knows its tools."""
    await until(lambda: bool(skill.actions))


def action(skill: McpSkill, name: str) -> Action:
    return next(one for one in skill.actions if one.name == name)


async def said(skill: McpSkill, name: str, language: str = "en", **arguments: Any) -> str:
    """What the user hears."""
    try:
        return await action(skill, name).run(Call(language, NOW), **arguments)
    except SkillError as exc:
        return exc.message
