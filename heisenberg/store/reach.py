"""Can a host be reached at all? Answered within a bound that name servers can't stretch."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from typing import Any, TypeAlias

Address: TypeAlias = tuple[int, Any]
"""An address family and a socket address."""


def why_unreachable(host: str, port: int, timeout_s: float) -> str | None:
    """``None`` when a TCP connection can be made within ``timeout_s``, else why not.

    The time covers the look-up of the name and all of its addresses, tried side by side. (The
    connect timeout of an HTTP client covers neither: it holds for each address anew.)
    """
    deadline = time.monotonic() + timeout_s
    addresses = _look_up(host, port, timeout_s)
    if addresses is None:
        return f"its name was not resolved within {timeout_s:g} s"
    if not addresses:
        return "its name can't be resolved"
    error = _connect_any(addresses, deadline)
    if error is None:
        return None
    return os.strerror(error).lower() if error else f"no answer within {timeout_s:g} s"


def _look_up(host: str, port: int, timeout_s: float) -> list[Address] | None:
    """Addresses of ``host``; ``None`` when the look-up takes too long."""
    found: list[Address] = []

    def resolve() -> None:
        # An unknown name and one that is no valid name at all give no address.
        with contextlib.suppress(OSError, UnicodeError):
            for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))

    # getaddrinfo can't be interrupted; a daemon thread is left to its fate.
    thread = threading.Thread(target=resolve, name="heisenberg-look-up", daemon=True)
    thread.start()
    thread.join(timeout_s)
    return None if thread.is_alive() else found


def _connect_any(addresses: list[Address], deadline: float) -> int | None:
    """``None`` when one of them accepts, else the first error number; 0 stands for silence."""
    first_error = 0
    with contextlib.ExitStack() as sockets:
        pending: list[socket.socket] = []
        for family, address in addresses:
            try:
                one = sockets.enter_context(socket.socket(family, socket.SOCK_STREAM))
                one.setblocking(False)
                one.connect(address)
            except BlockingIOError:
                pending.append(one)
            except OSError as exc:
                first_error = first_error or exc.errno or 0
            else:
                return None
        while pending and (left_s := deadline - time.monotonic()) > 0:
            _, ready, _ = select.select([], pending, [], left_s)
            for one in ready:
                error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not error:
                    return None
                first_error = first_error or error
                pending.remove(one)
        return 0 if pending else first_error
