"""Coding agents that use Heisenberg: the protocol library's own client."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent


@asynccontextmanager
async def over_stdio(*settings: str) -> AsyncIterator[ClientSession]:
    """One that has started ``heisenberg mcp``; ``settings`` are as with ``--set``."""
    given = [word for setting in settings for word in ("--set", setting)]
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "heisenberg", "mcp", *given], env=dict(os.environ)
    )
    async with stdio_client(command) as streams, ClientSession(*streams) as client:
        await client.initialize()
        yield client


@asynccontextmanager
async def over_http(url: str, **headers: str) -> AsyncIterator[ClientSession]:
    """One that uses the API at ``url``."""
    async with (
        httpx.AsyncClient(headers=headers, trust_env=False) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as (reading, writing, _),
        ClientSession(reading, writing) as client,
    ):
        await client.initialize()
        yield client


async def told(client: ClientSession, tool: str, **arguments: object) -> str:
    """What the agent reads."""
    result = await client.call_tool(tool, arguments, timedelta(seconds=30))
    (block,) = result.content
    assert isinstance(block, TextContent)
    return f"error: {block.text}" if result.isError else block.text
