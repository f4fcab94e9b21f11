"""Rings the timers whose time has passed, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from heisenberg.core.errors import HeisenbergError
from heisenberg.skills.base import Bell
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.timer import Timer

LOOK_S: Final = 0.5
"""Between two looks at the clock. A machine that sleeps stops longer sleeps of ours, too, and a
timer whose time passed meanwhile is rung so soon after it wakes."""

_log = structlog.get_logger(__name__)


async def ring_timers(
    book: TimerBook,
    bell: Bell,
    words: Callable[[Timer], str],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled. ``words`` are what is said when a timer rings; it is kept until somebody has
    heard it, so that one that rings when Heisenberg is ended rings when it is back."""
    while True:
        for timer in await asyncio.to_thread(book.due):
            try:
                await bell.ring(words(timer))
                await asyncio.to_thread(book.heard, timer)
            except HeisenbergError as exc:
                _log.error("a timer can't ring", name=timer.name, reason=str(exc))
        await sleep(LOOK_S)
