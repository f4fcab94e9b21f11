"""What the client says of a daemon that does not answer as it should."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.core.errors import InputError, ServiceError
from heisenberg.service.wire import MAX_LINE_BYTES
from tests.fakes.daemon import ask, control_server, short_folder


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "control.sock"


async def test_a_daemon_that_does_not_answer_is_waited_for_no_longer_than_said(
    path: Path,
) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(path))
        deaf.listen()
        with pytest.raises(ServiceError, match=r"not answered within 0\.05 s"):
            await ask(path, "status", timeout_s=0.05)


async def test_a_daemon_that_hangs_up_is_said(path: Path) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_unix_server(hang_up, path):
        with pytest.raises(ServiceError, match="hung up"):
            await ask(path, "status")


async def test_another_program_that_answers_is_said(path: Path) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 welcome\n")
        writer.close()

    async with await asyncio.start_unix_server(greet, path):
        with pytest.raises(ServiceError, match="not Heisenberg"):
            await ask(path, "status")


async def test_what_is_too_long_is_not_sent(path: Path) -> None:
    async with control_server(path):
        with pytest.raises(InputError, match="longer than"):
            await ask(path, "status", more="x" * MAX_LINE_BYTES)
