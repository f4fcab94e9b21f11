"""The control socket of a daemon that has no room, and programs that talk to it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from heisenberg.service.client import send
from heisenberg.service.control import ControlServer, Limits
from heisenberg.service.daemon_lock import DaemonLock

SOON_S: Final = 20.0


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room for a socket's on every system."""
    with tempfile.TemporaryDirectory(prefix="h", dir="/tmp") as folder:
        yield Path(folder)


@asynccontextmanager
async def control_server(
    path: Path | None, limits: Limits | None = None
) -> AsyncIterator[ControlServer]:
    """A daemon's socket; ``None``: where the user's is."""
    lock = await DaemonLock.take(path)
    server = await ControlServer.open(lock, limits)
    yield server
    await server.aclose()
    await lock.aclose()


async def ask(path: Path, do: str, timeout_s: float = SOON_S, **more: object) -> dict[str, Any]:
    """What the real client gets."""
    return await asyncio.to_thread(send, path, {"do": do, **more}, timeout_s)


class Program:
    """Something that is connected to a socket, and may be rude."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, path: Path) -> Program:
        return cls(*await asyncio.open_unix_connection(path))

    async def say(self, line: bytes) -> dict[str, Any]:
        """Send ``line`` and take the next object."""
        self.writer.write(line)
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(SOON_S):
            answer = json.loads(await self._reader.readline())
        assert isinstance(answer, dict)
        return answer

    async def is_let_go(self) -> bool:
        """Wait for the other end to hang up; whether it did so without another word."""
        async with asyncio.timeout(SOON_S):
            try:
                return not await self._reader.read()
            except ConnectionResetError:  # more was sent to it than it had read
                return True

    async def leave(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)
