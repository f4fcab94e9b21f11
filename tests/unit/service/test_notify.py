"""What the daemon tells systemd, on real datagram sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from heisenberg.core.aio import cancel_and_wait
from heisenberg.service.notify import Notifier

ABSTRACT = pytest.param(
    "abstract",
    marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such sockets"),
)


@dataclass(slots=True)
class Manager:
    """The service manager's end."""

    address: str
    ears: socket.socket

    def heard(self) -> list[str]:
        """Every message since the last call."""
        messages = []
        while True:
            try:
                messages.append(self.ears.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture(params=["path", ABSTRACT])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(address.replace("@", "\0"))
        ears.setblocking(False)
        yield Manager(address, ears)


@dataclass(slots=True)
class Clock:
    """Sleeps that take no time; after ``naps`` of them the sleeper waits for ever."""

    naps: int
    slept_s: list[float] = field(default_factory=list)
    tired: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        if len(self.slept_s) >= self.naps:
            self.tired.set()
            await asyncio.Event().wait()


async def test_systemd_hears_how_the_daemon_is(manager: Manager) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": manager.address})
    notifier.ready()
    notifier.status("Listening\nREADY=0")
    notifier.stopping()
    assert manager.heard() == ["READY=1", "STATUS=Listening READY=0", "STOPPING=1"]


def test_a_reload_carries_the_time_that_systemd_compares(manager: Manager) -> None:
    before_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": manager.address})
    notifier.reloading()
    notifier.ready()
    after_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    reloading, ready = manager.heard()
    first, _, second = reloading.partition("\n")
    assert first == "RELOADING=1"
    name, _, value = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before_us <= int(value) <= after_us
    assert ready == "READY=1"


async def test_the_watchdog_hears_twice_in_its_time(manager: Manager) -> None:
    clock = Clock(naps=3)
    notifier = Notifier(manager.address, watchdog_s=30.0, sleep=clock.sleep)
    beating = asyncio.create_task(notifier.keep_alive(lambda: True))
    await clock.tired.wait()
    assert clock.slept_s == [15.0, 15.0, 15.0]
    assert manager.heard() == ["WATCHDOG=1"] * 3
    await cancel_and_wait(beating)


async def test_the_watchdog_hears_nothing_while_the_daemon_hangs(manager: Manager) -> None:
    clock = Clock(naps=5)
    alive = iter([True, False, False, True, True])
    notifier = Notifier(manager.address, watchdog_s=2.0, sleep=clock.sleep)
    with capture_logs() as logs:
        beating = asyncio.create_task(notifier.keep_alive(lambda: next(alive)))
        await clock.tired.wait()
    assert len(manager.heard()) == 3
    assert [log["event"] for log in logs] == ["the daemon hangs: the watchdog will end it"]
    await cancel_and_wait(beating)


@pytest.mark.parametrize(
    ("environment", "beats"),
    [
        ({"WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}, True),
        ({"WATCHDOG_USEC": "20000"}, True),
        ({"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}, False),
        ({"WATCHDOG_USEC": "soon"}, False),
        ({}, False),
    ],
)
async def test_the_watchdog_is_the_one_of_the_environment(
    manager: Manager, environment: dict[str, str], beats: bool
) -> None:
    looked = asyncio.Event()

    def is_alive() -> bool:
        looked.set()
        return True

    notifier = Notifier.from_environment({"NOTIFY_SOCKET": manager.address, **environment})
    beating = asyncio.create_task(notifier.keep_alive(is_alive))
    looking = asyncio.create_task(looked.wait())
    await asyncio.wait({beating, looking}, return_when=asyncio.FIRST_COMPLETED)
    assert manager.heard() == (["WATCHDOG=1"] if beats else [])
    await cancel_and_wait(beating)
    await cancel_and_wait(looking)


@pytest.mark.parametrize(
    "environment",
    [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234", "WATCHDOG_USEC": "20000"}],
)
async def test_nothing_happens_where_systemd_did_not_start_it(environment: dict[str, str]) -> None:
    notifier = Notifier.from_environment(environment)
    with capture_logs() as logs:
        notifier.ready()
        notifier.status("Listening")
        await notifier.keep_alive(lambda: True)
    assert logs == []


async def test_a_socket_that_is_gone_is_logged_once_and_is_no_error(tmp_path: Path) -> None:
    clock = Clock(naps=2)
    notifier = Notifier(str(tmp_path / "gone"), watchdog_s=1.0, sleep=clock.sleep)
    with capture_logs() as logs:
        notifier.ready()
        beating = asyncio.create_task(notifier.keep_alive(lambda: True))
        await clock.tired.wait()
        notifier.stopping()
    await cancel_and_wait(beating)
    assert [log["event"] for log in logs] == ["the service manager can't be told"]


def test_a_manager_that_does_not_listen_does_not_stop_the_daemon(manager: Manager) -> None:
    notifier = Notifier(manager.address)
    with capture_logs() as logs:
        while not logs:  # until the socket's queue is full
            notifier.status("Listening")
    assert len(manager.heard()) > 0
    notifier.ready()
    assert manager.heard() == ["READY=1"]
