"""Who may use the HTTP API, and what is refused."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from heisenberg.api.errors import TooSlow
from heisenberg.api.guard import bounded
from heisenberg.core.errors import ConfigError
from heisenberg.core.events import Event
from tests.fakes.api import Serving, serving

TOKEN = "a-token-of-the-owner"
WITH_TOKEN = f"api.token={TOKEN}"


def _socket(api: Serving) -> str:
    return f"{api.url.replace('http', 'ws')}/api/events"


async def _status(api: Serving, **headers: str) -> int:
    response = await api.client.get("/api/status", headers=headers)
    if response.status_code != 200:
        assert response.json()["error"]["message"]
    return response.status_code


# ------------------------------------------------------------------ names and pages


@pytest.mark.parametrize("host", ["localhost:3001", "127.0.0.1", "[::1]:3001", "192.168.1.20"])
async def test_this_machine_may_be_called_by_its_names_and_addresses(host: str) -> None:
    async with serving() as api:
        assert await _status(api, host=host) == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
async def test_no_other_name_may_stand_for_this_machine(host: str) -> None:
    async with serving() as api:
        assert await _status(api, host=host) == 403


async def test_a_name_can_be_allowed() -> None:
    async with serving(None, 'api.hosts=["heisenberg.home.example"]') as api:
        assert await _status(api, host="heisenberg.home.example") == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999"])
async def test_no_page_of_another_site_may_talk_to_the_assistant(origin: str) -> None:
    async with serving() as api:
        assert await _status(api, origin=origin) == 403
        with pytest.raises(InvalidStatus) as refused:
            await connect(_socket(api), origin=origin)  # type: ignore[arg-type]  # any text
        assert refused.value.response.status_code == 403


async def test_our_own_page_may() -> None:
    async with serving() as api:
        assert await _status(api, origin=api.url) == 200


async def test_a_page_that_is_allowed_is_told_so() -> None:
    page = "https://home.example"
    async with serving(None, f'api.origins=["{page}"]') as api:
        response = await api.client.get("/api/status", headers={"origin": page})
        asked = await api.client.options(
            "/api/chat/message",
            headers={
                "origin": page,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type",
            },
        )

    assert response.headers["access-control-allow-origin"] == page
    assert asked.status_code == 200


# ------------------------------------------------------------------ the token


async def test_without_the_token_nothing_is_told() -> None:
    async with serving(None, WITH_TOKEN) as api:
        refused = [
            await _status(api),
            await _status(api, authorization="Bearer wrong"),
            await _status(api, authorization=f"Basic {TOKEN}"),
            await _status(api, **{"x-api-key": TOKEN[:-1]}),
            (await api.client.get("/metrics")).status_code,
            (await api.client.get("/openapi.json")).status_code,
            (await api.client.get("/v1/models")).status_code,
        ]
        with pytest.raises(InvalidStatus):
            await connect(_socket(api))
        health = await api.client.get("/health")

    assert refused == [401] * 7
    assert health.json() == {"status": "ok"}


async def test_the_token_opens_it_in_every_form() -> None:
    async with serving(None, WITH_TOKEN) as api:
        bearer = await _status(api, authorization=f"Bearer {TOKEN}")
        key = await _status(api, **{"x-api-key": TOKEN})
        wrong = await api.client.post("/api/login", json={"token": "wrong"})
        right = await api.client.post("/api/login", json={"token": TOKEN})
        cookie = await _status(api)
        await api.client.post("/api/logout")
        after = await _status(api)

    assert [bearer, key, cookie, after] == [200, 200, 200, 401]
    assert (wrong.status_code, right.status_code) == (401, 204)
    assert "HttpOnly" in right.headers["set-cookie"]
    assert "SameSite=strict" in right.headers["set-cookie"]


async def test_a_secret_is_in_no_answer() -> None:
    async with serving(None, WITH_TOKEN, "llm.api_key=another-secret") as api:
        api.client.headers["authorization"] = f"Bearer {TOKEN}"
        texts = [
            (await api.client.get(path)).text
            for path in ("/api/settings", "/api/status", "/metrics", "/openapi.json")
        ]

    assert all(TOKEN not in text and "another-secret" not in text for text in texts)
    assert json.loads(texts[0])["llm"]["api_key"] == "**********"


# ------------------------------------------------------------------ too much


async def test_a_body_that_is_too_long_is_refused_whatever_length_it_says() -> None:
    async def drip() -> Any:
        for _ in range(30):
            yield b"x" * 10_000

    async with serving(None, "api.body_mb=0.1") as api:
        said = await api.client.post("/api/chat/message", content=b"x" * 200_000)
        unsaid = await api.client.post(
            "/api/chat/message", content=drip(), headers={"content-type": "application/json"}
        )
        fine = await api.client.post("/api/chat/message", json={"message": "Hello"})

    assert (said.status_code, unsaid.status_code, fine.status_code) == (413, 413, 200)
    assert unsaid.json()["error"]["code"] == "too_large"


async def test_who_asks_too_often_waits() -> None:
    async with serving(None, "api.requests_per_minute=30") as api:
        codes = [(await api.client.get("/health")).status_code for _ in range(6)]

    assert codes == [200, 200, 200, 429, 429, 429]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"message": 7}', "application/json"),
        (b'{"message": ""}', "application/json"),
        (b'{"message": "Hi", "colour": "blue"}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"message=Hi", "application/x-www-form-urlencoded"),
        (b"[" * 100_000, "application/json"),
    ],
)
async def test_a_request_that_is_malformed_is_told_what_is_wrong(
    content: bytes, media_type: str
) -> None:
    async with serving() as api:
        response = await api.client.post(
            "/api/chat/message", content=content, headers={"content-type": media_type}
        )

    assert response.status_code in (400, 422)
    assert response.json()["success"] is False
    assert response.json()["error"]["message"]


async def test_a_request_that_is_half_sent_costs_nobody_anything() -> None:
    async with serving() as api:
        host, port = api.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/chat/message HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await _status(api) == 200


def _sending(body: bytes, *, more_body: bool) -> tuple[Receive, asyncio.Event]:
    """A client that sends one part, and goes when the event is set."""
    gone = asyncio.Event()
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": more_body}]

    async def receive() -> Message:
        if parts:
            return parts.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    return bounded(receive, 100, wait_s=0.0), gone


async def test_the_rest_of_a_request_is_not_waited_for_without_end() -> None:
    receiving, gone = _sending(b"{", more_body=True)
    assert (await receiving())["body"] == b"{"
    with pytest.raises(TooSlow):
        await receiving()
    gone.set()
    assert (await receiving())["type"] == "http.disconnect"


async def test_who_waits_for_an_answer_is_not_hurried() -> None:
    receiving, gone = _sending(b"{}", more_body=False)
    await receiving()
    waiting = asyncio.ensure_future(receiving())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    gone.set()
    assert (await waiting)["type"] == "http.disconnect"


async def test_a_path_does_not_lead_out_of_the_page() -> None:
    async with serving() as api:
        for path in (
            "/dashboard/../../app.py",
            "/dashboard/%2e%2e/%2e%2e/app.py",
            "/dashboard//etc",
        ):
            assert (await api.client.get(path)).status_code in (404, 405)


# ------------------------------------------------------------------ HTTPS


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
async def test_with_a_certificate_it_is_served_over_https_alone(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    secured = (f"api.certificate={certificate}", f"api.key={key}", WITH_TOKEN)
    context = await asyncio.to_thread(ssl.create_default_context, cafile=str(certificate))
    async with serving(None, *secured) as api:
        async with httpx2.AsyncClient(base_url=api.url, verify=context) as client:
            health = await client.get("/health")
            login = await client.post("/api/login", json={"token": TOKEN})
        async with httpx2.AsyncClient() as plain:
            with pytest.raises(httpx2.HTTPError):
                await plain.get(api.url.replace("https", "http"))

    assert api.url.startswith("https://")
    assert health.status_code == 200
    assert "Secure" in login.headers["set-cookie"]


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "cert.pem"
    await asyncio.to_thread(broken.write_text, "no certificate")
    with pytest.raises(ConfigError, match="certificate"):
        async with serving(None, f"api.certificate={broken}", f"api.key={broken}"):
            pass


async def test_an_address_that_is_taken_is_told() -> None:
    async with serving() as api:
        port = api.url.rpartition(":")[2]
        with pytest.raises(ConfigError, match="can't listen"):
            async with serving(None, f"api.port={port}"):
                pass


# ------------------------------------------------------------------ events


async def test_events_reach_everybody_who_watches() -> None:
    async with serving() as api, connect(_socket(api)) as one, connect(_socket(api)) as other:
        hello = [json.loads(await socket.recv()) for socket in (one, other)]
        api.publish(Event.TRANSCRIPT, text="Bonjour", language="fr", final=True)
        heard = [json.loads(await socket.recv()) for socket in (one, other)]

    assert [one["event"] for one in hello] == ["hello", "hello"]
    assert hello[0]["status"]["state"] == "IDLE"
    assert heard[0]["text"] == "Bonjour"
    assert heard[0] == heard[1]


async def test_who_does_not_read_is_let_go_and_holds_up_nobody() -> None:
    async with serving() as api, connect(_socket(api), max_queue=1, compression=None) as lazy:
        await lazy.recv()
        for number in range(3000):
            api.publish(Event.LLM_TOKEN, text=f"{number} " * 2000)
            await asyncio.sleep(0)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await lazy.recv()
        metrics = (await api.client.get("/metrics")).text

    assert "heisenberg_watchers_dropped_total 1.0" in metrics
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
