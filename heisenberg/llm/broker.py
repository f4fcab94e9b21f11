"""Who may use the model: one at a time, those who wait for a voice before those who don't."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from heisenberg.llm.base import Rank

SLICE_STEPS: Final = 32
"""So many steps (tokens, or batches of a prompt) in a row are one's own; then others of the same
rank have theirs."""

LENT_AFTER_S: Final = 0.1
"""Who reads a reply this slowly does without the model meanwhile: a long reply is spoken for
minutes and written in seconds."""


@dataclass(eq=False, slots=True)
class Hold:
    """Somebody's use of the model, with interruptions.

    ``park`` puts away what the model has evaluated for them, when somebody else is to use it;
    ``hurry`` cuts the step short that is being worked on, for somebody of a higher rank.
    """

    rank: Rank
    park: Callable[[], Awaitable[None]]
    hurry: Callable[[], None]
    place: int = 0
    steps: int = 0
    unused_since: float | None = None
    granted: asyncio.Event = field(default_factory=asyncio.Event)


class Broker:
    """Grants the use of one model by rank, within a rank in turn.

    A higher rank goes first as soon as the one who works is between two steps; what that one has
    evaluated is parked, and it goes on when it is granted the model again.
    """

    def __init__(self) -> None:
        self._holder: Hold | None = None
        self._waiting: list[Hold] = []
        self._places = itertools.count()
        self._to_park: Hold | None = None
        self._checking: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def granted(self, hold: Hold) -> AsyncIterator[None]:
        """Wait for the model; within, it is ``hold``'s at each step."""
        await self._wait(hold)
        try:
            yield
        finally:
            self._leave(hold)

    async def step(self, hold: Hold) -> None:
        """To be called before each step: returns when the model is ``hold``'s.

        If somebody else had it meanwhile, ``hold`` was parked.
        """
        hold.unused_since = None
        hold.steps += 1
        if self._holder is hold:
            if not self._goes_before(hold):
                return
            await hold.park()
            self._holder = None
        await self._wait(hold)

    def rest(self, hold: Hold) -> None:
        """``hold`` does nothing with the model until its next step: others may use it."""
        if self._holder is hold:
            hold.unused_since = asyncio.get_running_loop().time()
            self._grant()

    def _goes_before(self, hold: Hold) -> bool:
        """Whether somebody goes before ``hold``, who has the model, from now on."""
        rank = min((other.rank for other in self._waiting), default=None)
        if rank is None:
            return False
        return rank < hold.rank or (rank == hold.rank and hold.steps > SLICE_STEPS)

    async def _wait(self, hold: Hold) -> None:
        hold.place = next(self._places)
        hold.granted.clear()
        self._waiting.append(hold)
        if self._holder is not None and hold.rank < self._holder.rank:
            self._holder.hurry()
        self._grant()
        try:
            await hold.granted.wait()
            if self._to_park is not None:
                await self._to_park.park()
                self._to_park = None
        except BaseException:
            self._leave(hold)
            raise

    def _leave(self, hold: Hold) -> None:
        if hold in self._waiting:
            self._waiting.remove(hold)
        if self._to_park is hold:
            self._to_park = None
        if self._holder is hold:
            self._holder = None
        self._grant()

    def _grant(self) -> None:
        """Give the model to whoever is first, if it is free or lies unused."""
        if not self._waiting or not self._is_free():
            return
        first = min(self._waiting, key=lambda hold: (hold.rank, hold.place))
        self._waiting.remove(first)
        if self._holder is not None:
            self._to_park = self._holder
        if self._to_park is first:
            self._to_park = None
        self._holder = first
        first.steps = 0
        first.granted.set()

    def _is_free(self) -> bool:
        """Whether nobody needs the model just now; where that is a matter of time, asks again."""
        if self._holder is None:
            return True
        if self._holder.unused_since is None:
            return False
        loop = asyncio.get_running_loop()
        due = self._holder.unused_since + LENT_AFTER_S
        if loop.time() >= due:
            return True
        if self._checking is None:
            self._checking = loop.call_at(due, self._check)
        return False

    def _check(self) -> None:
        self._checking = None
        self._grant()
