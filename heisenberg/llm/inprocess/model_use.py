"""Work with a model that others work with too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self, TypeVar

from heisenberg.llm.base import Rank
from heisenberg.llm.broker import Broker, Hold
from heisenberg.llm.inprocess.llamacpp import StopFlag
from heisenberg.llm.inprocess.writer import ParkedWork, Writer

T = TypeVar("T")


class Run(Protocol):
    """Runs a call on the model's thread; the flag ends it early."""

    async def __call__(self, call: Callable[[], T], stop: StopFlag) -> T: ...


class ModelUse:
    """One piece of work, step by step; what others do between two steps goes unnoticed.

    An async context manager, within which it takes its turns.
    """

    def __init__(self, writer: Writer, rank: Rank, broker: Broker, run: Run) -> None:
        self._writer = writer
        self._broker = broker
        self._run = run
        self._hold = Hold(rank, self._park, self._hurry)
        self._granted = broker.granted(self._hold)
        self._stop = StopFlag()
        self._parked: ParkedWork | None = None

    async def __aenter__(self) -> Self:
        await self._granted.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._granted.__aexit__(*exc)

    async def run(self, step: Callable[[Writer, StopFlag], T]) -> T:
        """What ``step`` returns, when it is our turn, with everything as the last one left it."""
        writer = self._writer
        await self._broker.step(self._hold)
        if (parked := self._parked) is not None:
            await self._run(lambda: writer.unpark(parked), StopFlag())
            self._parked = None
        if self._stop.is_set:
            self._stop = StopFlag()
        stop = self._stop
        return await self._run(lambda: step(writer, stop), stop)

    def rest(self) -> None:
        """Nothing is to be done until the next ``run``: others may use the model."""
        self._broker.rest(self._hold)

    async def _park(self) -> None:
        self._parked = await self._run(self._writer.park, StopFlag())

    def _hurry(self) -> None:
        self._stop.set()
