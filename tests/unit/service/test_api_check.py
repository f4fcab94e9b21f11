"""Whether programs reach Heisenberg, as doctor finds out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from heisenberg.core.config.api import ApiConfig
from heisenberg.service.api_check import check_api
from heisenberg.service.check import Status
from tests.fakes.api import Engines, serving


@asynccontextmanager
async def _something_else() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_an_api_that_answers_is_told_with_its_address() -> None:
    async with serving(Engines(room=None)) as api:
        config = ApiConfig(port=int(api.url.rpartition(":")[2]))
        check = await asyncio.to_thread(check_api, config, running=True)

    assert check.status is Status.OK
    assert api.url in check.message


async def test_another_program_at_the_address_is_told() -> None:
    async with _something_else() as port:
        check = await asyncio.to_thread(check_api, ApiConfig(port=port), running=False)

    assert check.status is Status.WARN
    assert "Another program" in check.message
    assert check.hint


@pytest.mark.parametrize(("running", "status"), [(True, Status.WARN), (False, Status.OK)])
async def test_silence_is_trouble_only_beside_a_running_daemon(
    running: bool, status: Status
) -> None:
    async with _something_else() as port:
        pass
    check = await asyncio.to_thread(check_api, ApiConfig(port=port), running=running)
    assert check.status is status


def test_an_api_that_is_off_is_no_problem() -> None:
    check = check_api(ApiConfig(enabled=False), running=True)
    assert (check.status, "off" in check.message) == (Status.OK, True)
