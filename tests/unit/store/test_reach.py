from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from heisenberg.store.reach import why_unreachable
from tests.fakes.website import Website, closed_port


def test_a_site_that_listens_is_reachable(web: Website) -> None:
    assert why_unreachable("127.0.0.1", web.server_port, 5.0) is None
    assert why_unreachable("localhost", web.server_port, 5.0) is None


def test_a_port_where_nobody_listens() -> None:
    assert why_unreachable("127.0.0.1", closed_port(), 5.0) == "connection refused"


@pytest.mark.parametrize("error", [socket.gaierror("unknown"), UnicodeError("no such label")])
def test_a_name_nobody_knows(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert why_unreachable("nowhere.invalid", 80, 5.0) == "its name can't be resolved"


def test_a_name_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        answer.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    reason = why_unreachable("nowhere.invalid", 80, 0.05)
    answer.set()
    assert reason == "its name was not resolved within 0.05 s"


def test_one_address_of_several_is_enough(monkeypatch: pytest.MonkeyPatch, web: Website) -> None:
    def two(*_: object, **__: object) -> list[object]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("127.0.0.1", port)) for port in (closed_port(), web.server_port)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert why_unreachable("hub.example", 80, 5.0) is None


@pytest.mark.skipif(
    not hasattr(socket, "SOCK_NONBLOCK"), reason="a full backlog is silent on Linux"
)
def test_a_site_that_is_silent() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):  # nobody accepts: once the queue is full, the kernel stays silent
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        assert why_unreachable("127.0.0.1", port, 0.1) == "no answer within 0.1 s"
