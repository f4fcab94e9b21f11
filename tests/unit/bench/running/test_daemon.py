"""What a child daemon says is waited for, kept in order, and shown when it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from heisenberg.bench.running.daemon import Daemon
from heisenberg.core.errors import TurnError


@contextmanager
def _child(program: str) -> Iterator[Daemon]:
    command = [sys.executable, "-c", f"import sys, signal\nsay = sys.stderr.write\n{program}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        daemon = Daemon(process)
        try:
            yield daemon
        finally:
            process.kill()
            daemon.stop()


def test_lines_are_found_in_order() -> None:
    with _child("say('ready: now\\nstate A\\nstate B\\n'); sys.stderr.flush(); input()") as daemon:
        assert daemon.wait_for("ready: ") == 0
        assert daemon.wait_for("state", "nothing") == 1
        assert daemon.wait_for("state", after=2) == 2
        assert [line.text for line in daemon.lines] == ["ready: now", "state A", "state B"]
        assert daemon.lines[0].t_s <= daemon.lines[2].t_s


def test_a_daemon_that_ends_is_an_error_with_its_last_words() -> None:
    with _child("say('The disk\\nis full.\\n'); sys.exit(3)") as daemon:
        with pytest.raises(TurnError, match=r"(?s)did not say 'ready'.*The disk\nis full\."):
            daemon.wait_for("ready")
        with pytest.raises(TurnError, match=r"(?s)has ended.*The disk\nis full\."):
            daemon.check()
        assert daemon.stop() == 3


def test_one_that_says_nothing_is_not_waited_for_longer_than_asked() -> None:
    with (
        _child("input()") as daemon,
        pytest.raises(TurnError, match="did not say"),
    ):
        daemon.wait_for("ready", timeout_s=0.01)


def test_it_is_asked_to_stop_as_by_a_ctrl_c() -> None:
    with _child("signal.signal(2, lambda *_: sys.exit(0)); say('on\\n'); input()") as daemon:
        daemon.wait_for("on")
        assert daemon.stop() == 0
