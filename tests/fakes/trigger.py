"""A push-to-talk key without a keyboard, and a button without a room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from heisenberg.core.errors import HeisenbergError
from heisenberg.wake.base import KeyEvent


class ScriptedTrigger:
    """A ``Trigger`` that does what the test says."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[KeyEvent | None] = asyncio.Queue()
        self._down = False
        self._closed = False

    def press(self) -> None:
        if not self._down:
            self._down = True
            self._events.put_nowait(KeyEvent.DOWN)

    def release(self) -> None:
        if self._down:
            self._down = False
            self._events.put_nowait(KeyEvent.UP)

    async def __aiter__(self) -> AsyncGenerator[KeyEvent, None]:
        while (event := await self._events.get()) is not None:
            yield event

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self.release()
            self._events.put_nowait(None)


class ScriptedButton:
    """A ``TalkButton`` that notes in ``done`` what was done to it, when that has ended.

    What has a gate in ``gates`` waits for it; what has an error in ``errors`` raises it.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.errors: Mapping[str, HeisenbergError] = {}
        self._changed = asyncio.Condition()

    async def press(self) -> None:
        await self._do("press")

    async def release(self) -> None:
        await self._do("release")

    async def tap(self) -> None:
        await self._do("tap")

    async def cancel(self) -> None:
        await self._do("cancel")

    async def until(self, count: int) -> list[str]:
        """What was done, once that is ``count`` things or more."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self.done) >= count)
        return self.done

    async def _do(self, what: str) -> None:
        if what in self.errors:
            raise self.errors[what]
        if what in self.gates:
            await self.gates[what].wait()
        async with self._changed:
            self.done.append(what)
            self._changed.notify_all()


class ScriptedRoom(ScriptedButton):
    """A room as the control socket sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.muted = False
        self.drafting = "on"

    @property
    def state(self) -> str:
        return "LISTENING" if self.done[-1:] in (["press"], ["tap"]) else "IDLE"

    async def mute(self) -> None:
        self.muted = True

    async def unmute(self) -> None:
        self.muted = False

    async def forget(self) -> None:
        self.done.append("forget")
