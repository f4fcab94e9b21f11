"""What coding agents are offered, over standard input and output and over HTTP, by the library's
own client."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import ClientSession

from heisenberg.service.agent_commands import agent_commands
from heisenberg.skills.timers.book import TimerBook
from tests.fakes.api import Engines, app_of, serving
from tests.fakes.clock import ScriptedClock
from tests.fakes.daemon import control_server, short_folder
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.mcp_agents import over_http, over_stdio, told

TOOLS = {"ask", "say", "listen", "set_timer", "list_timers", "cancel_timer", "search_docs"}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's runtime folder."""
    with short_folder() as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        monkeypatch.setenv("HOME", str(folder))
        yield folder


def _engines(folder: Path) -> Engines:
    clock = ScriptedClock()
    book = TimerBook(folder / "timers.json", clock.now_s, clock.elapsed_s)
    return Engines(ScriptedLanguageModel([("It is ", "blue.")]), room=None, timers=book)


async def _try_everything(client: ClientSession) -> None:
    assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
    answer = await told(client, "ask", text="Which colour has the pump?")
    assert answer.startswith("It is blue.\nSource: ")
    assert await told(client, "list_timers") == "No timer runs."
    assert await told(client, "set_timer", seconds=90, name="tea") == "1: timer tea (90 s left)"
    assert "There is no timer 7." in await told(client, "cancel_timer", id=7)
    assert await told(client, "cancel_timer", id=1) == "No timer runs."
    assert "The pump is blue." in await told(client, "search_docs", text="pump")
    assert (await told(client, "say", text="Hello.")).startswith(
        "error: Heisenberg runs without sound."
    )
    assert (await told(client, "listen", at_once=True)).startswith("error: Heisenberg runs with")


async def test_over_stdio_the_running_heisenberg_does_it(session: Path) -> None:
    app = await app_of(await asyncio.to_thread(_engines, session))
    async with control_server(None) as server:
        server.register(agent_commands(app, "en"))
        async with over_stdio() as client:
            await _try_everything(client)
    await app.services.conversations.aclose()


async def test_over_http_it_does_the_same(tmp_path: Path) -> None:
    engines = await asyncio.to_thread(_engines, tmp_path)
    async with serving(engines, "api.mcp=true") as api, over_http(api.url) as client:
        await _try_everything(client)


@pytest.mark.usefixtures("session")
async def test_where_none_runs_that_is_said() -> None:
    async with over_stdio() as client:
        answer = await told(client, "say", text="Hello.")
    assert answer == "error: Heisenberg is not running. Start it with 'heisenberg run'."


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        ("ask", {}, "'text' is a required property"),
        ("ask", {"text": ""}, "non-empty"),
        ("say", {"text": "x" * 2001}, "too long"),
        ("say", {"text": "..."}, "There is no word to say."),
        ("listen", {"wait_s": 10_000}, "maximum"),
        ("set_timer", {"seconds": 0}, "minimum"),
        ("set_timer", {"seconds": 10**9}, "The request names no time."),
        ("set_timer", {"seconds": 5, "when": 5}, "unexpected"),
        ("search_docs", {"text": "x", "limit": 1000}, "maximum"),
        ("sing", {}, "There is no tool 'sing'."),
    ],
)
async def test_wrong_use_is_told(
    tool: str, arguments: dict[str, object], problem: str, tmp_path: Path
) -> None:
    engines = await asyncio.to_thread(_engines, tmp_path)
    async with serving(engines, "api.mcp=true") as api, over_http(api.url) as client:
        answer = await told(client, tool, **arguments)
    assert answer.startswith("error: ")
    assert problem in answer


async def test_over_http_it_is_there_only_where_it_is_wanted(tmp_path: Path) -> None:
    async with serving(await asyncio.to_thread(_engines, tmp_path)) as api:
        assert (await api.client.post("/mcp", json={})).status_code == 404


async def test_over_http_nobody_gets_past_the_guard(tmp_path: Path) -> None:
    engines = await asyncio.to_thread(_engines, tmp_path)
    token = "sixteen characters"
    async with serving(engines, "api.mcp=true", f"api.token='{token}'") as api:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert (await api.client.post("/mcp", headers=headers)).status_code == 401
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            assert (await api.client.post("/mcp", headers=headers)).status_code == 403
        async with over_http(api.url, Authorization=f"Bearer {token}") as client:
            assert await told(client, "list_timers") == "No timer runs."


async def test_over_http_rubbish_is_refused(tmp_path: Path) -> None:
    async with serving(await asyncio.to_thread(_engines, tmp_path), "api.mcp=true") as api:
        accepting = {"Accept": "application/json, text/event-stream"}
        assert (await api.client.get("/mcp", headers=accepting)).status_code == 405
        for body in (b"", b"{", b"[]", b"\xff", b'{"jsonrpc": "2.0"}'):
            answer = await api.client.post(
                "/mcp", content=body, headers={**accepting, "Content-Type": "application/json"}
            )
            assert answer.status_code == 400


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("interrupted", "code"), [(False, 0), (True, 130)])
async def test_it_ends_with_its_input_and_at_once_with_ctrl_c(interrupted: bool, code: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "heisenberg", "mcp"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'rubbish\n{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    async with asyncio.timeout(60):
        while json.loads(await process.stdout.readline()).get("id") != 1:
            pass
        if interrupted:
            process.send_signal(signal.SIGINT)
            assert await process.wait() == code
        _, errors = await process.communicate(b"")
    assert process.returncode == code
    assert b"Traceback" not in errors
