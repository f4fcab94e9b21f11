"""Language models in memory: loaded when they are asked for, unloaded when room is needed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from heisenberg.core.errors import EngineError, InputError, LoadFailed
from heisenberg.llm.base import LanguageModel
from heisenberg.machine.pressure import Pressure

_MB: Final = 10**6
_log = structlog.get_logger(__name__)


class Shelf(Protocol):
    """Where language models are taken from."""

    async def find(self, name: str) -> tuple[str, int]:
        """The name by which a model is known, and the bytes of memory it needs.

        Raises ``InputError``, ``ModelMissing``.
        """
        ...

    async def open(self, name: str) -> LanguageModel:
        """The model, loaded. Raises ``LoadFailed`` and what ``find`` raises."""
        ...


@dataclass(slots=True, eq=False)
class Resident:
    """A model in memory. ``users`` are replies being written; ``used_s`` is when it was used last,
    in seconds of the pool's clock."""

    name: str
    needs_bytes: int
    model: LanguageModel
    used_s: float
    users: int = 0


class ModelPool:
    """Loads models, and unloads the least recently used ones that nobody uses or keeps."""

    def __init__(
        self,
        shelf: Shelf,
        capacity_bytes: int,
        *,
        keep_alive_s: float = -1.0,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``capacity_bytes`` is what all of them may need together; one alone may always be tried.

        A model that is unused for ``keep_alive_s`` is unloaded by the next ``relieve``; negative:
        not for that reason.
        """
        self._shelf = shelf
        self._capacity_bytes = capacity_bytes
        self._keep_alive_s = keep_alive_s
        self._now_s = now_s
        self._residents: dict[str, Resident] = {}
        self._kept: set[str] = set()
        self._changing = asyncio.Lock()
        self._freed = asyncio.Event()
        self._closed = False

    @property
    def capacity_bytes(self) -> int:
        return self._capacity_bytes

    @property
    def residents(self) -> tuple[Resident, ...]:
        """What is in memory, the least recently used first."""
        return tuple(sorted(self._residents.values(), key=lambda one: one.used_s))

    def holds(self, name: str) -> bool:
        """Whether it is in memory."""
        return name in self._residents

    def unused_s(self, resident: Resident) -> float:
        """For how long nobody has used it."""
        return 0.0 if resident.users else self._now_s() - resident.used_s

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[LanguageModel]:
        """The model, loaded; within, it stays so.

        Raises ``InputError`` and ``ModelMissing`` for one that is not to be had, ``LoadFailed``
        for one that can't be loaded, or not beside those that are kept.
        """
        resident = await self._resident(name)
        try:
            yield resident.model
        finally:
            resident.users -= 1
            resident.used_s = self._now_s()
            self._freed.set()

    async def keep(self, name: str) -> str:
        """Load a model that will be used again and again: it makes no room for others.

        Returns the name by which it is known, for ``release``. Raises what ``lease`` does.
        """
        resident = await self._resident(name)
        resident.users -= 1
        self._kept.add(resident.name)
        return resident.name

    def release(self, name: str) -> None:
        """End a ``keep``."""
        self._kept.discard(name)
        self._freed.set()

    async def unload(self, name: str) -> None:
        """Raises ``InputError`` for a model that is not in memory, or in use."""
        async with self._changing:
            resident = self._residents.get(name)
            if resident is None:
                known = ", ".join(self._residents) or "none"
                raise InputError(f"'{name}' is not in memory.", f"In memory: {known}.")
            if resident.users or name in self._kept:
                raise InputError(
                    f"'{name}' is in use.", "'heisenberg models use NAME' changes to another one."
                )
            await self._unload(resident, "asked to")

    async def relieve(self, pressure: Pressure) -> None:
        """To be called from time to time: unload what is unused for long, and while memory is
        short what is unused just now. Only where it is critically so, that includes what is kept.
        """
        async with self._changing:
            for resident in self.residents:
                reason = self._against(resident, pressure)
                if not resident.users and reason:
                    await self._unload(resident, reason)

    async def aclose(self) -> None:
        """Unload all of them, also those in use; again does nothing."""
        self._closed = True
        self._freed.set()
        async with self._changing:
            for resident in self.residents:
                await self._unload(resident, "")

    def _against(self, resident: Resident, pressure: Pressure) -> str:
        """Why it should not stay, if it need not."""
        unused_s = self.unused_s(resident)
        kept = resident.name in self._kept
        if pressure is Pressure.CRITICAL or (pressure >= Pressure.MEDIUM and not kept):
            return f"memory pressure is {pressure.name.lower()}"
        if 0 <= self._keep_alive_s <= unused_s:
            return f"unused for {unused_s:.0f} s"
        return ""

    async def _resident(self, name: str) -> Resident:
        """The model in memory, with one user more."""
        self._check_open()
        # One that is there waits for none that is being loaded.
        resident = self._residents.get(name) or await self._load(name)
        resident.users += 1
        resident.used_s = self._now_s()
        return resident

    async def _load(self, name: str) -> Resident:
        async with self._changing:
            self._check_open()
            name, needs_bytes = await self._shelf.find(name)
            if name not in self._residents:
                await self._make_room(name, needs_bytes)
                model = await self._shelf.open(name)
                self._residents[name] = Resident(name, needs_bytes, model, self._now_s())
            return self._residents[name]

    async def _make_room(self, name: str, needs_bytes: int) -> None:
        while self._residents and self._held_bytes() + needs_bytes > self._capacity_bytes:
            others = [one for one in self.residents if one.name not in self._kept]
            idle = [one for one in others if not one.users]
            if idle:
                await self._unload(idle[0], f"room for {name}")
            elif others:
                self._freed.clear()
                await self._freed.wait()
                self._check_open()
            else:
                raise LoadFailed(
                    f"There is no room for '{name}': it needs {needs_bytes // _MB} MB beside "
                    f"{', '.join(self._residents)}, and language models may hold "
                    f"{self._capacity_bytes // _MB} MB.",
                    "Set llm.memory_mb higher, or change to it with 'heisenberg models use'.",
                )

    async def _unload(self, resident: Resident, reason: str) -> None:
        del self._residents[resident.name]
        if reason:
            _log.info("language model unloaded", model=resident.name, reason=reason)
        await resident.model.aclose()

    def _held_bytes(self) -> int:
        return sum(one.needs_bytes for one in self._residents.values())

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("The language model is closed.")
