"""A Wyoming service: reached for each request, and told apart from its absence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.core.config.wyoming import host_and_port
from heisenberg.core.errors import EngineError, InputError
from heisenberg.wyoming.messages import Describe, Event, Info
from heisenberg.wyoming.wire import MAX_LINE_BYTES, Gone, Wire, why

_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Service:
    """One service; ``name`` is what messages to the user call it, ``setting`` what names it."""

    name: str
    address: str
    setting: str
    answer_s: float = _ANSWER_S

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[Wire]:
        """A connection of one's own; what goes wrong on it becomes an ``EngineError``."""
        wire = await self.connect()
        try:
            async with asyncio.timeout(self.answer_s):
                yield wire
        except InputError as exc:
            raise self.failed(f"does not speak the Wyoming protocol: {exc.message}") from exc
        except Gone as exc:
            raise self.failed("broke off in the middle.") from exc
        except TimeoutError as exc:
            raise self.failed(f"has not answered for {self.answer_s:g} s.") from exc
        finally:
            wire.close()

    async def connect(self) -> Wire:
        """Raises ``EngineError``."""
        host, port = host_and_port(self.address)
        try:
            async with asyncio.timeout(_CONNECT_S):
                return Wire(*await asyncio.open_connection(host, port, limit=MAX_LINE_BYTES))
        except OSError as exc:  # which a TimeoutError is
            reason = f"it has not answered for {_CONNECT_S:g} s"
            if not isinstance(exc, TimeoutError) or exc.errno:
                reason = why(exc)
            raise self.failed(f"can't be reached: {reason}.") from exc

    async def next(self, wire: Wire) -> Event:
        """Its next message. Raises ``EngineError`` for an error that it reports, and ``Gone``."""
        event = await wire.read()
        if event is None:
            raise Gone
        if event.type == "error":
            raise self.failed(f"reports an error: {event.data.get('text')}")
        return event

    async def describe(self) -> Info:
        """What it offers. Raises ``EngineError``."""
        async with self.talk() as wire:
            await wire.write(Describe())
            while (event := await self.next(wire)).type != "info":
                pass
        try:
            return Info.from_event(event)
        except Exception as exc:  # the library raises whatever it meets
            raise self.nonsense(event) from exc

    def nonsense(self, event: Event) -> EngineError:
        """The error for a message that is not as it should be."""
        return self.failed(f"sends a '{event.type}' that can't be read.")

    def missing(self, what: str) -> EngineError:
        """The error where it does not do what it is wanted for."""
        return self.failed(f"offers no {what}.")

    def failed(self, how: str) -> EngineError:
        return EngineError(
            f"The {self.name} at {self.address} {how}",
            f"See to it that it runs, or set {self.setting}.",
        )


def text_in(event: Event, service: Service, name: str = "text") -> str:
    """A text that ``event`` must have."""
    text: Any = event.data.get(name)
    if not isinstance(text, str):
        raise service.nonsense(event)
    return text
