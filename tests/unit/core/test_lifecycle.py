"""Parts stop in reverse order whatever happens; signals end a command in order, then at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from heisenberg.core import lifecycle
from heisenberg.core.lifecycle import Stages


class Part:
    def __init__(self, name: str, log: list[str], failure: Exception | None = None) -> None:
        self.name, self.log, self.failure = name, log, failure

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.log.append(f"{self.name} stopped")
        if self.failure:
            raise self.failure


async def _loaded(part: Part) -> Part:
    part.log.append(f"{part.name} started")
    return part


async def test_parts_stop_in_reverse_order_even_when_one_fails_to() -> None:
    log: list[str] = []
    with capture_logs() as logs:
        async with Stages() as stages:
            await stages.start("a", _loaded(Part("a", log)))
            await stages.start("b", _loaded(Part("b", log, ValueError("stuck"))))
            await stages.start("c", _loaded(Part("c", log)))
    assert log == ["a started", "b started", "c started", "c stopped", "b stopped", "a stopped"]
    assert [entry["part"] for entry in logs] == ["b"]


async def test_what_was_started_is_stopped_when_a_later_part_does_not_load() -> None:
    log: list[str] = []

    async def failing() -> Part:
        raise RuntimeError("no such model")

    with pytest.raises(RuntimeError, match="no such model"):
        async with Stages() as stages:
            await stages.start("a", _loaded(Part("a", log)))
            await stages.start("b", failing())
    assert log == ["a started", "a stopped"]


async def test_progress_names_each_part_when_it_begins_and_when_it_has_loaded() -> None:
    seen: list[tuple[str, bool]] = []
    async with Stages(lambda name, seconds: seen.append((name, seconds is not None))) as stages:
        await stages.start("voice", _loaded(Part("voice", [])))
    assert seen == [("voice", False), ("voice", True)]


def test_the_first_signal_stops_in_order() -> None:
    log: list[str] = []

    async def main() -> int:
        async with Stages() as stages:
            await stages.start("a", _loaded(Part("a", log)))
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        return 0

    assert lifecycle.run(main()) == lifecycle.EXIT_INTERRUPTED
    assert log == ["a started", "a stopped"]


def test_a_stopped_daemon_is_no_failure() -> None:
    async def main() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
        return 1

    assert lifecycle.run(main(), interrupted=0) == 0


def test_the_second_signal_ends_the_process_at_once() -> None:
    """Even while a part refuses to stop."""
    script = """
import asyncio, os, signal
from heisenberg.core import lifecycle

class Stubborn:
    async def aclose(self):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

async def loaded():
    return Stubborn()

async def main():
    async with lifecycle.Stages() as stages:
        await stages.start("stubborn", loaded())
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

lifecycle.STOP_BUDGET_S = 3600.0
lifecycle.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    assert ended.returncode == lifecycle.EXIT_INTERRUPTED
