"""The service in the hands of a real systemd: it starts, reloads, is watched, stops and goes."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from heisenberg.service.systemd import SystemdService
from tests.fakes.user_manager import MISSING, is_available, user_manager

pytestmark = [pytest.mark.skipif(not is_available(), reason=MISSING), pytest.mark.timeout(60)]

DAEMON = """
import asyncio, json, os, signal, sys
from pathlib import Path

import cffi

from heisenberg.service.notify import Notifier

def tell(what, **more):
    with Path(sys.argv[1]).open("w") as fifo:
        fifo.write(json.dumps({"what": what, **more}) + "\\n")

async def main():
    notifier = Notifier.from_environment()
    stop = asyncio.Event()
    hangs = False

    def reload():
        notifier.reloading()
        notifier.status("Reloaded.")
        notifier.ready()
        tell("reloads")

    def hang():
        nonlocal hangs
        hangs = True

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    loop.add_signal_handler(signal.SIGUSR1, hang)
    beating = asyncio.create_task(notifier.keep_alive(lambda: not hangs))
    notifier.status("Listening.")
    callback = cffi.FFI().callback("int(int)", lambda number: number + 1)
    tell("starts", words=sys.argv[2:], callback=callback(41), pid=os.getpid())
    notifier.ready()
    await stop.wait()
    notifier.stopping()
    beating.cancel()
    tell("stops")

asyncio.run(main())
"""

WORDS = ["100% of $HOME", "%h", "a 'b' \"c\" \\ d", "", ";", "größer", "two\nlines"]


@dataclass(frozen=True, slots=True)
class Systemd:
    service: SystemdService
    units: Path
    command: list[str]
    fifo: int

    def heard(self) -> dict[str, object]:
        """What the daemon tells next."""
        line = b""
        while not line.endswith(b"\n"):
            assert select.select([self.fifo], [], [], 20.0)[0], "the daemon says nothing"
            line += os.read(self.fifo, 1)
        document = json.loads(line)
        assert isinstance(document, dict)
        return document

    def ask(self, *arguments: str) -> str:
        asked = subprocess.run(
            ["systemctl", "--user", *arguments], capture_output=True, text=True, check=True
        )
        return asked.stdout.strip()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    daemon = tmp_path / "a daemon 100%.py"
    daemon.write_text(DAEMON)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    try:
        with user_manager(tmp_path, dict(os.environ)):
            command = [sys.executable, "-P", str(daemon), str(fifo)]
            units = tmp_path / "config" / "systemd" / "user"
            yield Systemd(SystemdService.find(), units, command, reading)
    finally:
        os.close(reading)


def test_it_starts_is_ready_reloads_stops_and_goes(systemd: Systemd) -> None:
    systemd.service.install([*systemd.command, *WORDS])
    started = systemd.heard()
    assert (started["what"], started["words"]) == ("starts", WORDS)
    assert started["callback"] == 42, "the sound library's callbacks work"
    status = systemd.service.status()
    assert (status.installed, status.enabled, status.running) == (True, True, True)
    assert status.pid == started["pid"]

    shown = ("show", "heisenberg", "--value", "--property=StatusText")
    assert systemd.ask(*shown) == "Listening."
    systemd.ask("reload", "heisenberg")
    assert systemd.heard()["what"] == "reloads"
    assert systemd.ask(*shown) == "Reloaded."
    assert systemd.service.status().running

    done = systemd.service.uninstall()
    assert systemd.heard()["what"] == "stops"
    assert "Heisenberg was stopped." in done
    assert [path for path in systemd.units.rglob("*") if not path.is_dir()] == []
    assert not systemd.service.status().installed


def test_a_second_installation_runs_in_place_of_the_first(systemd: Systemd) -> None:
    systemd.service.install([*systemd.command, "old"])
    assert systemd.heard()["words"] == ["old"]
    systemd.service.install([*systemd.command, "new"])
    assert systemd.heard()["what"] == "stops"
    assert systemd.heard()["words"] == ["new"]


def test_a_daemon_that_hangs_is_ended_and_started_again(systemd: Systemd) -> None:
    settings = systemd.units / "heisenberg.service.d" / "quick.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[Service]\nWatchdogSec=1\nRestartSec=0\n")
    systemd.service.install(systemd.command)
    first = systemd.heard()
    systemd.ask("kill", "--signal=SIGUSR1", "heisenberg")
    second = systemd.heard()
    assert second["what"] == "starts"
    assert second["pid"] != first["pid"]
    assert systemd.ask("show", "heisenberg", "--value", "--property=NRestarts") == "1"
