"""Everything that happens, told to all who watch."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fastapi import WebSocket, WebSocketDisconnect

from heisenberg.api.status import Status
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.bus import Bus
from heisenberg.core.events import EventRecord

UNREAD: Final = 1000
"""Events that a slow client may be behind before it is let go."""
_TRY_AGAIN: Final = 1013
"""The code with which a WebSocket is closed that is not read (RFC 6455's registry)."""

_Unread: TypeAlias = asyncio.Queue[str | None]
"""Events as JSON; after ``None`` the client is let go."""


class Watchers:
    """The clients that watch. An event is made into JSON once, however many they are: that is done
    while a turn waits."""

    def __init__(self, bus: Bus, status: Status, on_drop: Callable[[], None]) -> None:
        """``on_drop`` hears of each client that did not keep up."""
        self._status = status
        self._on_drop = on_drop
        self._watching: set[_Unread] = set()
        bus.observe(self._note)

    async def tell(self, socket: WebSocket) -> None:
        """How Heisenberg is, and from then on every event, until the client leaves or can't keep
        up."""
        unread: _Unread = asyncio.Queue(UNREAD)
        self._watching.add(unread)
        leaving = asyncio.create_task(_left(socket), name="api events client leaves")
        sending = asyncio.create_task(self._send(socket, unread), name="api events")
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._watching.discard(unread)
            await cancel_and_wait(leaving)
            await cancel_and_wait(sending)

    def _note(self, record: EventRecord) -> None:
        if not self._watching:
            return
        text = _json(record.as_dict())
        for unread in tuple(self._watching):
            if unread.qsize() < UNREAD - 1:
                unread.put_nowait(text)
            else:  # what is lost can't be made up for: begin anew
                self._watching.discard(unread)
                unread.put_nowait(None)
                self._on_drop()

    async def _send(self, socket: WebSocket, unread: _Unread) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            await socket.send_text(_json({"event": "hello", "status": await self._status.tell()}))
            while (text := await unread.get()) is not None:
                await socket.send_text(text)
            await socket.close(_TRY_AGAIN)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _left(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
