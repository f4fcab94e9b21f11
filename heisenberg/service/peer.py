"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Final, Protocol

_SOL_LOCAL: Final = 0
_LOCAL_PEERCRED: Final = 1
_XUCRED_BYTES: Final = 76
"""From ``sys/un.h`` and ``sys/ucred.h`` of macOS: a version, the user, then his groups."""


class Connection(Protocol):
    """A connected socket, or asyncio's face of one."""

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes: ...


def peer_uid(connection: Connection) -> int | None:
    """The user who made the other end; ``None`` where the system does not tell."""
    read = {"linux": _read_linux, "darwin": _read_macos}.get(sys.platform)
    return read(connection) if read else None


def _read_linux(connection: Connection) -> int:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("=iII", credentials)[1])  # struct ucred: pid, uid, gid


def _read_macos(connection: Connection) -> int:
    credentials = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
    return int(struct.unpack_from("=II", credentials)[1])
