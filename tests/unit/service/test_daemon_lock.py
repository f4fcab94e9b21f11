"""One daemon at a time, and nothing in the way of the next."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.core.errors import AlreadyRunning, ConfigError, NotRunning
from heisenberg.service.control import ControlServer
from heisenberg.service.daemon_lock import DaemonLock
from tests.fakes.daemon import ask, control_server, short_folder


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "control.sock"


def _is_socket(path: Path) -> bool:
    return path.is_socket()


def _remove(path: Path) -> None:
    path.unlink()


async def test_a_second_daemon_is_told_which_one_runs(path: Path) -> None:
    async with control_server(path):
        with pytest.raises(AlreadyRunning, match=str(os.getpid())) as caught:
            await DaemonLock.take(path)
        assert f"kill {os.getpid()}" in caught.value.hint
        with pytest.raises(NotRunning, match="starting"):
            await ask(path, "status")


async def test_it_leaves_no_socket_and_the_next_daemon_starts(path: Path) -> None:
    for _ in range(3):
        lock = await DaemonLock.take(path)
        server = await ControlServer.open(lock)
        assert _is_socket(path)
        await server.aclose()
        await server.aclose()
        assert not _is_socket(path)
        await lock.aclose()
        await lock.aclose()
        with pytest.raises(NotRunning, match="not running") as caught:
            await ask(path, "status")
        assert "heisenberg run" in caught.value.hint


async def test_a_daemon_that_was_killed_leaves_nothing_in_the_way(path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from heisenberg.service.control import ControlServer\n"
        "from heisenberg.service.daemon_lock import DaemonLock\n"
        "async def main():\n"
        "    server = await ControlServer.open(await DaemonLock.take(Path(sys.argv[1])))\n"
        "    print('up', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", script, str(path)]

    def crash() -> None:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as daemon:
            assert daemon.stdout is not None
            assert daemon.stdout.readline() == b"up\n"
            with pytest.raises(AlreadyRunning, match=str(daemon.pid)):
                asyncio.run(DaemonLock.take(path))
            daemon.send_signal(signal.SIGKILL)

    await asyncio.to_thread(crash)
    assert _is_socket(path)
    with pytest.raises(NotRunning):
        await ask(path, "status")
    async with control_server(path):
        with pytest.raises(NotRunning, match="starting"):
            await ask(path, "status")


async def test_a_lock_that_somebody_removed_does_not_let_a_second_daemon_in(path: Path) -> None:
    async with control_server(path):
        _remove(path.with_name("control.sock.lock"))
        with pytest.raises(AlreadyRunning):
            await DaemonLock.take(path)
        assert _is_socket(path)


def test_a_file_that_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("dear diary", encoding="utf-8")
    with pytest.raises(ConfigError, match="file of another kind"):
        asyncio.run(DaemonLock.take(path))
    assert path.read_text(encoding="utf-8") == "dear diary"
    path.unlink()
    lock = asyncio.run(DaemonLock.take(path))  # it was let go
    asyncio.run(lock.aclose())


async def test_a_socket_that_somebody_put_in_its_place_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        async with control_server(path):
            _remove(path)
            other.bind(str(path))
        assert _is_socket(path)
