"""The control socket of a running daemon: who connects to it may ask for what is registered."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import structlog

from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.errors import (
    ConfigError,
    HeisenbergError,
    InputError,
    NotRunning,
    ServiceError,
)
from heisenberg.service.daemon_lock import DaemonLock
from heisenberg.service.peer import peer_uid
from heisenberg.service.wire import MAX_LINE_BYTES, decode, encode, refusal

Handler: TypeAlias = Callable[[Mapping[str, Any]], AsyncGenerator[Mapping[str, Any], None]]
"""Takes a request and yields its answer, object by object. One with ``ok`` is the last; without
it, ``{"ok": true}`` is added. A ``HeisenbergError`` that it raises ends the answer and is told."""

_PRIVATE: Final = 0o177
"""The umask that leaves mode 0600."""

_ACCEPT_STEPS: Final = 3
"""Turns of the event loop from a connection that arrives to a client: accept, task, transport."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may take up."""

    clients: int = 64
    idle_s: float = 60.0
    """Whoever asks for nothing for so long is let go."""
    stalled_s: float = 10.0
    """So is whoever does not take an answer."""


class ControlServer:
    """Answers requests (``heisenberg.service.wire``), for each client one after the other.

    What a client sends or leaves undone is its own loss: it gets a clear answer where one can
    reach it, and the daemon goes on. Only the user whose daemon this is gets served.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._handlers: dict[str, Handler] = {}
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._inode = 0

    @classmethod
    async def open(cls, lock: DaemonLock, limits: Limits | None = None) -> Self:
        """Listen at the path that ``lock`` holds; its file has mode 0600 from the first moment.

        Until something is registered, every request is answered with ``NotRunning``. Raises
        ``ConfigError`` when the socket can't be made.
        """
        server = cls(lock.socket, limits or Limits())
        listening, server._inode = await asyncio.to_thread(_bind, lock.socket)
        # start_unix_server would do, but takes the file away itself since Python 3.13
        server._server = await asyncio.start_server(
            server._accept, sock=listening, limit=MAX_LINE_BYTES
        )
        return server

    def register(self, handlers: Mapping[str, Handler]) -> Callable[[], None]:
        """Answer these requests from now on, by name; call what is returned to end that."""
        self._handlers.update(handlers)

        def end() -> None:
            for name in handlers:
                self._handlers.pop(name, None)

        return end

    async def aclose(self) -> None:
        """Let every client go, and take the socket away; again does nothing."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await asyncio.to_thread(_remove, self._path, self._inode)
        for _ in range(_ACCEPT_STEPS):  # asyncio 3.11 loses a connection that it is accepting now
            await asyncio.sleep(0)
        server.close()
        for client in tuple(self._clients):
            await finish(asyncio.ensure_future(cancel_and_wait(client)))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(reader, writer, self._limits)
        if self._server is None:  # accepted just before the end
            client.let_go()
            return
        serving = asyncio.create_task(self._serve(client), name="control client")
        self._clients.add(serving)

        def end(_serving: asyncio.Task[None]) -> None:  # also of a task that never ran
            self._clients.discard(serving)
            client.let_go()

        serving.add_done_callback(end)

    async def _serve(self, client: _Client) -> None:
        try:
            client.check_user()
            if len(self._clients) > self._limits.clients:
                raise ServiceError(
                    "Too many programs are asking at once.", "Try again in a moment."
                )
            while (line := await client.read_line()) is not None:
                await self._answer(client, line)
        except HeisenbergError as exc:
            await client.tell_last(exc)
        except _ClientGone:
            return

    async def _answer(self, client: _Client, line: bytes) -> None:
        try:
            request = _request(line)
            async with aclosing(self._handler(request)(request)) as parts:
                async for part in parts:
                    await client.tell(part)
                    if "ok" in part:
                        return
        except HeisenbergError as exc:
            await client.tell(refusal(exc))
        except _ClientGone:
            raise
        except Exception as exc:  # a fault of ours costs this request, not the daemon
            _log.exception("a request failed")
            error = ServiceError(
                f"Heisenberg failed to do that: {exc}.", "Its log has the details."
            )
            await client.tell(refusal(error))
        else:
            await client.tell({"ok": True})

    def _handler(self, request: Mapping[str, Any]) -> Handler:
        if not self._handlers:
            raise NotRunning("Heisenberg is starting or stopping.", "Try again in a moment.")
        name = request.get("do")
        handler = self._handlers.get(name) if isinstance(name, str) else None
        if handler is None:
            raise InputError(
                "The request does not say what to do.",
                f"'do' is one of {', '.join(self._handlers)}.",
            )
        return handler


class _ClientGone(Exception):
    """The client has left, or does not take its answer."""


class _Client:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        writer.transport.set_write_buffer_limits(high=0)  # to drain is to have sent everything

    def check_user(self) -> None:
        """Raise ``ServiceError`` to other users."""
        uid = peer_uid(self._writer.get_extra_info("socket"))
        if uid is not None and uid != os.geteuid():
            _log.warning("another user was refused at the control socket", uid=uid)
            raise ServiceError("This Heisenberg belongs to another user.", "Start your own.")

    async def read_line(self) -> bytes | None:
        """The next request; ``None`` when there will be none. Raises ``InputError``."""
        try:
            async with asyncio.timeout(self._limits.idle_s):
                return await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as exc:
            raise InputError(
                f"The request is longer than {MAX_LINE_BYTES} bytes.", "Send less at once."
            ) from exc
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            return None

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Send one object and wait until it is sent; raises ``_ClientGone``."""
        self._writer.write(encode(message))
        try:
            async with asyncio.timeout(self._limits.stalled_s):
                await self._writer.drain()
        except (TimeoutError, OSError) as exc:
            raise _ClientGone from exc

    async def tell_last(self, error: HeisenbergError) -> None:
        """Send ``error`` if the client still takes it."""
        try:
            await self.tell(refusal(error))
        except _ClientGone:
            return

    def let_go(self) -> None:
        self._writer.transport.abort()  # what was sent can still be read


def _request(line: bytes) -> dict[str, Any]:
    try:
        return decode(line)
    except ValueError as exc:
        raise InputError(
            f"The request is not a JSON object: {exc}.", 'Write one in a line: {"do": "status"}.'
        ) from exc


def _bind(path: Path) -> tuple[socket.socket, int]:
    """A socket bound to ``path``, and the number of its file."""
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(_PRIVATE)
    try:
        listening.bind(str(path))
        return listening, path.stat().st_ino
    except OSError as exc:
        listening.close()
        raise ConfigError(
            f"The control socket {path} can't be made: {exc.strerror or exc}.",
            "Set control.socket to a path in a folder of your own.",
        ) from exc
    finally:
        os.umask(before)


def _remove(path: Path, inode: int) -> None:
    """Take the socket away, unless somebody has put another in its place."""
    try:
        if path.lstat().st_ino == inode:
            path.unlink()
    except FileNotFoundError:
        return
