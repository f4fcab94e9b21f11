"""One daemon at a time."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket as sockets
from pathlib import Path
from typing import Self

from heisenberg.core.errors import AlreadyRunning, ConfigError
from heisenberg.service.places import Places


class DaemonLock:
    """Holds a control socket's path for this process; it is let go however the process ends.

    The lock is on the file ``<socket>.lock``, which holds the process's number. The file stays:
    taking it away would let a third daemon lock a new one beside a second that waits for the old.
    """

    def __init__(self, socket: Path, descriptor: int) -> None:
        self.socket = socket
        self._descriptor = descriptor

    @classmethod
    async def take(cls, socket: Path | None) -> Self:
        """Take the lock for ``socket`` (``control.socket``; ``None``: in the runtime folder).

        Raises ``AlreadyRunning`` when another daemon holds it, ``ConfigError`` when the path can't
        be used. What a daemon that crashed has left there is removed.
        """
        places = await asyncio.to_thread(Places.find)
        path = await asyncio.to_thread(places.control_socket, socket)
        return cls(path, await asyncio.to_thread(_take, places, path))

    async def aclose(self) -> None:
        """Let go; again does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            await asyncio.to_thread(_let_go, descriptor)


def _take(places: Places, socket: Path) -> int:
    places.prepare(socket)
    lock = socket.with_name(f"{socket.name}.lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(lock, flags, 0o600)
    except OSError as exc:
        raise _unusable(lock, exc.strerror) from exc
    try:
        _lock(descriptor)
        _remove_stale(socket)
    except BaseException:
        os.close(descriptor)
        raise
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise _already_running(
            os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        ) from exc


def _let_go(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.close(descriptor)


def _remove_stale(socket: Path) -> None:
    if not socket.exists() and not socket.is_symlink():
        return
    if not socket.is_socket():
        raise _unusable(socket, "there is a file of another kind")
    with sockets.socket(sockets.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(socket))
        except ConnectionRefusedError:
            socket.unlink()  # whoever made it has crashed
        except BlockingIOError as exc:
            raise _already_running("") from exc
        except OSError as exc:
            raise _unusable(socket, exc.strerror) from exc
        else:  # somebody has removed the lock's file beneath a running daemon
            raise _already_running("")


def _already_running(pid: str) -> AlreadyRunning:
    process = f" (process {pid})" if pid else ""
    stop = f"'kill {pid}'" if pid else "'systemctl --user stop heisenberg'"
    return AlreadyRunning(
        f"Heisenberg is already running{process}.",
        f"Stop it first with {stop}, or give this one another control.socket.",
    )


def _unusable(path: Path, reason: str | None) -> ConfigError:
    return ConfigError(
        f"The control socket can't be made: {path}: {reason}.",
        "Set control.socket to a path in a folder of your own.",
    )
