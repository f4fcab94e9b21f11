"""Heisenberg without a room has the tools of others too."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.config.mcp import McpServerConfig
from heisenberg.daemon import _Running
from heisenberg.mcp.skill import McpSkill
from heisenberg.service.notify import Notifier
from heisenberg.skills.repertoire import Repertoire
from tests.fakes.api import Engines, app_of
from tests.fakes.mcp_clients import connected, over_http, said
from tests.fakes.mcp_servers import good_server


async def test_its_servers_are_connected_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heisenberg.mcp.connection.PATIENCE_S", 0.0)
    async with over_http(good_server()) as url:
        config = McpServerConfig(url=url, allow=("heat",))
        skill = await asyncio.to_thread(McpSkill, "house", config, ("en",))
        skills = await asyncio.to_thread(Repertoire, [skill], ("en",))
        app = await app_of(Engines(room=None, skills=skills))
        hangup = asyncio.Event()
        running = _Running(app, lambda: 0.0).until(hangup, Notifier.from_environment())
        task = asyncio.create_task(running, name="daemon")
        await connected(skill)
        assert await said(skill, "heat", room="hall") == "done"
        hangup.set()
        await task
        assert await said(skill, "heat", room="hall") == "I can't reach house at the moment."
    await app.services.conversations.aclose()
