"""Messages on a connection, with the bounds that the protocol itself does not set.

A message is a line of JSON, and then as many bytes of further JSON and of sound as the line says.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from heisenberg.core.errors import HeisenbergError, InputError
from heisenberg.wyoming.messages import Error, Event, Eventable, write_event

MAX_LINE_BYTES: Final = 64 * 1024
_MAX_DATA_BYTES: Final = 256 * 1024
_MAX_SOUND_BYTES: Final = 1024 * 1024
_LONGEST_TYPE: Final = 100
_STALLED_S: Final = 10.0


def why(error: OSError) -> str:
    """What kept a connection from being made, in the system's words."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return (error.strerror or str(error)).lower()


class Gone(Exception):
    """The other end has left, or does not take what is sent."""


class Wire:
    """One connection; several tasks may write, one reads."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        stalled_s: float = _STALLED_S,
    ) -> None:
        """``reader`` must have ``MAX_LINE_BYTES`` as its limit. Who takes nothing for
        ``stalled_s`` has left."""
        self._reader = reader
        self._writer = writer
        self._stalled_s = stalled_s

    async def read(self) -> Event | None:
        """The next message; ``None`` when there will be none.

        Raises ``InputError`` for what is no message, or is larger than any needs to be.
        """
        try:
            head = _object(await self._reader.readuntil(b"\n"), "line")
            data = _inline(head)
            if size := _size(head, "data_length", _MAX_DATA_BYTES):
                data |= _object(await self._reader.readexactly(size), "data")
            size = _size(head, "payload_length", _MAX_SOUND_BYTES)
            payload = await self._reader.readexactly(size) if size else None
        except asyncio.LimitOverrunError as exc:
            raise InputError(
                f"The line of a message is longer than {MAX_LINE_BYTES} bytes.",
                "Send longer parts as data, with data_length.",
            ) from exc
        except (asyncio.IncompleteReadError, OSError):
            return None
        return Event(_type(head), data, payload)

    def post(self, message: Eventable) -> None:
        """Send without waiting: for short messages, beside which something else waits."""
        buffer = io.BytesIO()
        write_event(message.event(), buffer)
        if not self._writer.is_closing():
            self._writer.write(buffer.getvalue())

    async def write(self, message: Eventable) -> None:
        """Send, and wait while the other end is behind. Raises ``Gone``."""
        if self._writer.is_closing():
            raise Gone
        self.post(message)
        try:
            async with asyncio.timeout(self._stalled_s):
                await self._writer.drain()
        except (TimeoutError, OSError) as exc:
            raise Gone from exc

    async def refuse(self, error: HeisenbergError) -> None:
        """Tell why this is the end, if the other one still listens."""
        with contextlib.suppress(Gone):
            await self.write(Error(text=str(error), code=error.code))

    def close(self) -> None:
        """No more is sent or read; what was sent can still arrive."""
        self._writer.close()

    async def aclose(self) -> None:
        """Close, and wait until that is done; who takes nothing is not waited for."""
        self._writer.close()
        try:
            async with asyncio.timeout(self._stalled_s):
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self._writer.transport.abort()


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError(
            f"The {what} of a message is not JSON.", "Speak the Wyoming protocol to this port."
        ) from exc
    if not isinstance(found, dict):
        raise InputError(f"The {what} of a message is no JSON object.", 'It begins with "{".')
    return found


def _inline(head: Mapping[str, Any]) -> dict[str, Any]:
    data = head.get("data")
    if not isinstance(data, dict | None):
        raise InputError("The data of a message is no JSON object.", "Leave it out, or send {}.")
    return dict(data or {})


def _size(head: Mapping[str, Any], name: str, most: int) -> int:
    size = head.get(name)
    if size is None:
        return 0
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise InputError(f"{name} of a message is no number of bytes.", "Send a whole number.")
    if size > most:
        raise InputError(
            f"{name} of a message is {size}; {most} is the most.", "Send less in one message."
        )
    return size


def _type(head: Mapping[str, Any]) -> str:
    kind = head.get("type")
    if not isinstance(kind, str) or not 0 < len(kind) <= _LONGEST_TYPE:
        raise InputError("A message has no type.", 'It is {"type": "describe"} or the like.')
    return kind
