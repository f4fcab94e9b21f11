"""Asking a running daemon, over its control socket.

It blocks and needs no event loop: ``heisenberg trigger`` is bound to keys and has to be quick.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from heisenberg.core.errors import HeisenbergError, InputError, NotRunning, ServiceError
from heisenberg.service.peer import peer_uid
from heisenberg.service.wire import MAX_LINE_BYTES, decode, encode


def send(path: Path, request: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
    """The last object of the answer to ``request``, the one with ``ok``.

    Raises ``NotRunning`` when nobody listens at ``path``, ``InputError`` when the request is too
    long, ``ServiceError`` when the daemon can't be asked or has not answered after ``timeout_s``,
    and the daemon's own error when it refuses.
    """
    until_s = time.monotonic() + timeout_s
    for part in stream(path, request, timeout_s):
        if "ok" in part:
            return part
        if time.monotonic() > until_s:
            raise _late(timeout_s)
    raise ServiceError(
        "Heisenberg has hung up without an answer.", "Try again; its log may have the details."
    )


def stream(path: Path, request: Mapping[str, Any], timeout_s: float) -> Iterator[dict[str, Any]]:
    """All objects of the answer to ``request``, as they come; the last one has ``ok``.

    ``timeout_s`` is for each of them. Raises as ``send`` does; who leaves the iteration hangs up.
    """
    line = encode(request)
    if len(line) > MAX_LINE_BYTES:
        raise InputError(f"That is longer than {MAX_LINE_BYTES} bytes.", "Send less at once.")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        _connect(connection, path)
        try:
            connection.sendall(line)
        except TimeoutError as exc:
            raise _late(timeout_s) from exc
        except OSError:
            pass  # it may have said why before it hung up
        for part in _parts(connection, timeout_s):
            if not part.get("ok", True):
                raise _error(part)
            yield part
            if "ok" in part:
                return


def _connect(connection: socket.socket, path: Path) -> None:
    try:
        connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError) as exc:
        raise NotRunning("Heisenberg is not running.", "Start it with 'heisenberg run'.") from exc
    except OSError as exc:
        raise ServiceError(
            f"The control socket {path} can't be used: {exc.strerror or exc}.",
            "Check control.socket, and that Heisenberg runs as the same user.",
        ) from exc
    uid = peer_uid(connection)
    if uid is not None and uid != os.geteuid():
        raise ServiceError(
            f"The Heisenberg at {path} belongs to another user.",
            "Set control.socket to the one of your own.",
        )


def _parts(connection: socket.socket, timeout_s: float) -> Iterator[dict[str, Any]]:
    """The objects of an answer, until the other end hangs up."""
    pending = b""
    until_s = time.monotonic() + timeout_s
    while True:
        try:
            connection.settimeout(max(until_s - time.monotonic(), 0.001))
            received = connection.recv(MAX_LINE_BYTES)
        except TimeoutError as exc:
            raise _late(timeout_s) from exc
        except ConnectionError:
            return
        if not received:
            return
        *lines, pending = (pending + received).split(b"\n")
        if lines:
            until_s = time.monotonic() + timeout_s
        for line in lines:
            try:
                yield decode(line)
            except ValueError as exc:
                raise ServiceError(
                    f"What answers is not Heisenberg: {exc}.", "Check control.socket."
                ) from exc


def _late(timeout_s: float) -> ServiceError:
    return ServiceError(
        f"Heisenberg has not answered within {timeout_s:g} s.",
        "It may be busy: try again, or restart it.",
    )


def _error(answer: Mapping[str, Any]) -> HeisenbergError:
    """The error that an answer carries, as the class that has its code."""
    kinds = [HeisenbergError]
    while kinds:
        kind = kinds.pop()
        if kind.code == answer.get("code"):
            break
        kinds += kind.__subclasses__()
    else:
        kind = ServiceError
    return kind(str(answer.get("message", "")), str(answer.get("hint", "")))
