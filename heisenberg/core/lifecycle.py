"""Starting in order, stopping in reverse, and what signals do."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol, Self, TypeVar

import structlog

from heisenberg.core.aio import finish

EXIT_INTERRUPTED: Final = 130
"""128 + SIGINT, as shells expect of an interrupted command."""

STOP_BUDGET_S: Final = 5.0
"""How long one part may take to stop; the parts' sum stays below a service manager's 90 s."""

Progress = Callable[[str, float | None], None]
"""Told the name of a part when it begins to load (``None``) and when it has (seconds)."""

_log = structlog.get_logger(__name__)


class Closeable(Protocol):
    async def aclose(self) -> None: ...


C = TypeVar("C", bound=Closeable)


class Stages:
    """Parts that were started; leaving the ``async with`` stops them, the last one first."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or (lambda _name, _seconds: None)
        self._started: list[tuple[str, Closeable]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await finish(asyncio.ensure_future(self._stop()))

    async def start(self, name: str, loading: Awaitable[C]) -> C:
        """Wait for a part to load, report it, and remember to stop it."""
        self._progress(name, None)
        began_s = time.monotonic()
        part = await loading
        self._started.append((name, part))
        self._progress(name, time.monotonic() - began_s)
        return part

    async def _stop(self) -> None:
        while self._started:
            name, part = self._started.pop()
            stopping = asyncio.ensure_future(part.aclose())
            await asyncio.wait({stopping}, timeout=STOP_BUDGET_S)
            if not stopping.done():  # a native call can't be ended from outside
                _log.warning("part did not stop in time", part=name, budget_s=STOP_BUDGET_S)
            elif failure := stopping.exception():
                _log.error("part failed to stop", part=name, exc_info=failure)


def run(main: Coroutine[Any, Any, int], *, interrupted: int = EXIT_INTERRUPTED) -> int:
    """Run ``main`` in a new event loop and return its exit code.

    The first SIGINT or SIGTERM cancels it and the exit code is ``interrupted``; the second one
    ends the process at once.
    """
    return asyncio.run(_supervise(main, interrupted))


async def _supervise(main: Coroutine[Any, Any, int], interrupted: int) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:
            _exit_at_once()
        stopping = True
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not stopping:
            raise
        print("Stopped.", file=sys.stderr)
        return interrupted
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            if stopping:  # a native call may keep the process for a while after this
                signal.signal(number, lambda _number, _frame: _exit_at_once())


def _exit_at_once() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[?25h\n")  # a live display may have hidden the cursor
        sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)
