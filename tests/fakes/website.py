"""A web site on 127.0.0.1 that serves files as a script says, and remembers what was asked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Page:
    """How one path answers."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    """Where it redirects to."""
    ranges: bool = True
    """Whether the server honours a range."""
    states_size: bool = True
    cuts: list[int] = field(default_factory=list)
    """For each request in turn, after how many bytes the connection breaks; then no more."""
    stalls_after: int | None = None
    """Bytes after which nothing more comes until the site closes."""
    range_shift: int = 0
    """How far the range that is sent lies from the one asked for."""
    gate: threading.Event | None = None
    """Answers only once this is set."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its path, and the first byte of the range it asked for, if any."""

    path: str
    start: int | None


@dataclass(frozen=True, slots=True)
class Posted:
    """What came with a request: its body, and with what it logged in."""

    body: bytes
    authorization: str | None


class Website(ThreadingHTTPServer):
    """Serves ``pages``; ``asked``, ``posted`` and ``connections`` tell what came in."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.posted: list[Posted] = []
        self.connections = 0
        self.was_asked = threading.Event()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def site(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def put(self, path: str, body: bytes, **behaviour: Any) -> str:
        """Serve ``body`` at ``path``; returns its address."""
        self.pages[path] = Page(body, **behaviour)
        return self.url + path

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


@contextlib.contextmanager
def website() -> Iterator[Website]:
    """A running site."""
    with Website() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            for page in server.pages.values():
                if page.gate:
                    page.gate.set()
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class _Handler(BaseHTTPRequestHandler):
    server: Website

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else None
        self.server.asked.append(Asked(self.path, start))
        self.server.was_asked.set()
        page = self.server.pages.get(self.path, Page(status=404))
        if page.gate:
            page.gate.wait()
        if page.location:
            self.send_response(page.status)
            self.send_header("Location", page.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif page.status != 200:
            self.send_error(page.status)
        else:
            self._send(page, start if page.ranges else None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.posted.append(Posted(body, self.headers.get("Authorization")))
        self.do_GET()

    def do_CONNECT(self) -> None:
        """As a proxy, refuse."""
        self.server.asked.append(Asked(self.path, None))
        self.send_error(403)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # named so in the base
        pass

    def _send(self, page: Page, start: int | None) -> None:
        if start is not None and start >= len(page.body):
            self.send_error(416)
            return
        begin = (start or 0) + (page.range_shift if start is not None else 0)
        body = page.body[begin:]
        self.send_response(206 if start is not None else 200)
        if start is not None:
            end, total = len(page.body) - 1, len(page.body)
            self.send_header("Content-Range", f"bytes {begin}-{end}/{total}")
        if page.states_size:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = page.cuts.pop(0) if page.cuts else None
        if page.stalls_after is not None:
            self.wfile.write(body[: page.stalls_after])
            self.server.closing.wait()
        else:
            self.wfile.write(body[:cut])
        self.close_connection = True
