"""The web server itself, whatever it serves."""

from __future__ import annotations

import socket

import httpx2
from starlette.types import Receive, Scope, Send

from heisenberg.api.server import ApiServer
from heisenberg.core.config.api import ApiConfig


async def test_small_pieces_of_an_answer_go_at_once() -> None:
    at_once: list[int] = []

    async def api(_scope: Scope, _receive: Receive, send: Send) -> None:
        connection = send.__self__.transport.get_extra_info("socket")  # type: ignore[attr-defined]
        at_once.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"yes"})

    server = await ApiServer.open(api, ApiConfig(port=0))
    try:
        async with httpx2.AsyncClient(base_url=server.url) as client:
            assert (await client.get("/")).text == "yes"
    finally:
        await server.aclose()
    assert at_once == [1]
