"""What a long rest has cost is paid while the user begins to speak, not while they wait.

A system that is short of memory takes it from whoever rests: pages of files are dropped, others
are swapped out. With all of it gone, the first sound comes 1.1 to 1.9 s after the question, on two
cores with a fast disk. A little work in each engine brings back what a turn needs, in 1.1 s while
the user speaks: then it comes after 0.6 s, as ever. Where nothing was lost that takes 0.17 s.
Touching the files instead would leave out what was swapped, and bring back what was read from them
only once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, Protocol

import numpy as np
import structlog

from heisenberg.audio.base import RATE_HZ, TurnDetector
from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.turn import TurnEngines

_LONG_REST_S: Final = 600.0
"""In a shorter one little is lost."""
_FAINT: Final = np.resize(np.array((1, -1), np.int16), RATE_HZ // 2)
"""Not silence, which a recogniser need not look at."""
_WORD: Final = "Yes."

_log = structlog.get_logger(__name__)


class Refreshing:
    """Puts the engines of a turn to a little work when listening begins after a long rest."""

    def __init__(
        self, engines: TurnEngines, turn_detector: TurnDetector, clock: Callable[[], float]
    ) -> None:
        """``clock`` is in seconds; the engines have just been loaded."""
        self._engines = engines
        self._turn_detector = turn_detector
        self._clock = clock
        self._used_s = clock()
        self._tasks: set[asyncio.Task[None]] = set()

    def listening_begins(self) -> None:
        """Begin, if the last turn is long ago; returns at once."""
        if self._clock() - self._used_s < _LONG_REST_S:
            return
        self._used_s = self._clock()
        engines = self._engines
        self._start("stt", lambda: engines.stt.transcribe(_FAINT))
        self._start("turn", lambda: self._turn_detector.probability(_FAINT))
        self._start("llm", lambda: _first_of(engines.conversation.reply(_WORD)))
        self._start("tts", lambda: _first_of(engines.tts.synthesize(_WORD)))

    def turn_begins(self) -> None:
        """The engines are wanted: what is still going on is left."""
        self._used_s = self._clock()
        for task in self._tasks:
            task.cancel()

    async def aclose(self) -> None:
        """Return when nothing goes on."""
        for task in tuple(self._tasks):
            await finish(asyncio.ensure_future(cancel_and_wait(task)))

    def _start(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.create_task(_quietly(work), name=f"refresh-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Stream(Protocol):
    """What an engine makes, piece by piece."""

    def __aiter__(self) -> AsyncIterator[object]: ...

    async def aclose(self) -> None: ...


async def _first_of(made: _Stream) -> None:
    """Take the first piece, and no more."""
    async with aclosing(made):
        async for _ in made:
            return


async def _quietly(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except HeisenbergError as exc:  # the turn itself will tell what is wrong
        _log.warning("an engine was not refreshed", error=str(exc))
