"""Servers that are reached over HTTP and are none, or bad ones."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from heisenberg.core.config.mcp import McpServerConfig
from heisenberg.mcp.transport import MOST_BYTES
from tests.fakes.mcp_clients import ALLOWED, SOON_S, connected, said, served, until, working
from tests.fakes.mcp_servers import good_server

BLOCK = b" " * 65536
LOST = "a server of tools can't be reached"


def _answering(status: int, body: bytes, **headers: str) -> ASGIApp:
    """Always the same."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return app


async def _much_too_long(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(2 * MOST_BYTES // len(BLOCK)):
        await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
        await asyncio.sleep(0)


async def _silent(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, send
    while (await receive())["type"] != "http.disconnect":
        pass


def _result(**result: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 0, "result": result}).encode()


JSON = "application/json"
BOMB = gzip.compress(b" " * 50_000_000)


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (_answering(500, b"Oh."), "it answers with the status 500"),
        (_answering(401, b"Who?"), "it answers with the status 401"),
        (_answering(302, b"", location="http://192.0.2.1/"), "it answers with the status 302"),
        (_answering(200, b"<html>", content_type="text/html"), "Unexpected content type"),
        (_answering(200, b"{", content_type=JSON), "ValidationError"),
        (_answering(200, _result(no="thing"), content_type=JSON), "ValidationError"),
        (
            _answering(
                200,
                _result(protocolVersion="1", capabilities={}, serverInfo={}),
                content_type=JSON,
            ),
            "ValidationError",
        ),
        (
            _answering(200, BOMB, content_type=JSON, content_encoding="gzip"),
            "DecodingError: it packs what is to be sent as it is",
        ),
        (_much_too_long, f"it sent more than {MOST_BYTES} bytes at once"),
        (_silent, "it does not answer"),
    ],
)
async def test_what_is_no_server_is_told_once_and_nothing_else_suffers(
    app: ASGIApp, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heisenberg.mcp.connection.FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr("heisenberg.mcp.transport.BYTES_PER_S", float("inf"))
    if reason == "it does not answer":
        monkeypatch.setattr("heisenberg.mcp.connection.CONNECTING_S", 0.5)
    with capture_logs() as logs:
        async with served(app) as url, working(McpServerConfig(url=url)) as skill:
            await until(lambda: sum(one["event"] == LOST for one in logs) >= 2)
            assert skill.actions == ()
    first, second, *_ = [one for one in logs if one["event"] == LOST]
    assert reason in first["reason"]
    assert (first["log_level"], second["log_level"]) == ("warning", "debug")


async def test_nobody_listens_there() -> None:
    with capture_logs() as logs:
        async with working(McpServerConfig(url="http://127.0.0.1:9/mcp?key=s3cret-key")):
            await until(lambda: any(one["event"] == LOST for one in logs))
    assert "s3cret" not in str(logs)


async def test_its_headers_go_with_each_request_and_are_in_no_log() -> None:
    shown: set[bytes] = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        shown.update(value for name, value in scope["headers"] if name == b"authorization")
        await _answering(403, b"")(scope, receive, send)

    with capture_logs() as logs:
        async with served(app) as url:
            headers: Any = {"Authorization": "Bearer s3cret-key"}
            async with working(McpServerConfig(url=url, headers=headers)):
                await until(lambda: any(one["event"] == LOST for one in logs))
    assert shown == {b"Bearer s3cret-key"}
    assert "s3cret" not in str(logs)


async def test_a_server_that_was_restarted_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has forgotten us, which is seen with the next call."""
    monkeypatch.setattr("heisenberg.mcp.connection.PATIENCE_S", SOON_S)
    first, second = (
        StreamableHTTPSessionManager(good_server(), json_response=True) for _ in range(2)
    )
    serving = [first]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET":
            await _answering(405, b"")(scope, receive, send)
        else:
            await serving[-1].handle_request(scope, receive, send)

    async with (
        served(app) as url,
        first.run(),
        second.run(),
        working(McpServerConfig(url=url, allow=ALLOWED)) as skill,
    ):
        await connected(skill)
        assert await said(skill, "heat", room="hall") == "done"
        serving.append(second)
        assert await said(skill, "heat", room="hall") == "I can't reach house at the moment."
        assert await said(skill, "heat", room="hall") == "done"
