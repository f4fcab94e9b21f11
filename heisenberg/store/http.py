"""Fetching a file over HTTP: resumed where it stopped, and a dead host is tried once."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx2

from heisenberg import __version__
from heisenberg.store.base import SourceFailed
from heisenberg.store.partial import PartFile
from heisenberg.store.reach import why_unreachable
from heisenberg.store.space import readable

_WORTH_RESUMING: Final = 1 << 20
"""A transfer that broke is continued as long as each attempt brings at least this many bytes."""

_MAX_REDIRECTS: Final = 10


class HttpSource:
    """One run's HTTP client. Proxies and certificates are those of the environment.

    A site that can't be reached, or whose transfers keep breaking, counts as dead for the rest of
    the run: other files from there fail at once.
    """

    def __init__(self, *, connect_timeout_s: float = 3.0, stall_timeout_s: float = 30.0) -> None:
        self._connect_timeout_s = connect_timeout_s
        self._stall_timeout_s = stall_timeout_s
        self._client: httpx2.Client | None = None
        self._alive: set[str] = set()
        self._dead: dict[str, str] = {}

    def fetch(self, url: str, part: PartFile, reach: Callable[[int], None]) -> None:
        """Append the rest of ``part``; ``reach`` hears how far it is. Raises ``SourceFailed``."""
        while part.offset < part.size:
            before = part.offset
            try:
                self._transfer(url, part, reach)
            except httpx2.TransportError as exc:
                if part.offset - before < _WORTH_RESUMING:
                    raise self._give_up(exc.request.url, self._describe(exc)) from exc

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _transfer(self, url: str, part: PartFile, reach: Callable[[int], None]) -> None:
        response = self._get(url, part.offset)
        try:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                response.close()
                response = self._get(url, 0)
            _align(response, part)
            reach(part.offset)
            for data in response.iter_raw():
                part.write(data)
                reach(part.offset)
        finally:
            response.close()
        if part.offset < part.size:
            raise httpx2.RemoteProtocolError("the answer ends too early", request=response.request)

    def _get(self, url: str, offset: int) -> httpx2.Response:
        """The response at the end of all redirects, its body unread."""
        client = self._open()
        headers = {"Accept-Encoding": "identity", "User-Agent": f"heisenberg/{__version__}"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        request = client.build_request("GET", url, headers=headers)
        for _ in range(_MAX_REDIRECTS):
            self._probe(request.url)
            response = client.send(request, stream=True, follow_redirects=False)
            if response.next_request is None:
                return response
            response.close()
            request = response.next_request
        raise SourceFailed(f"{_site(request.url)} redirects for ever")

    def _probe(self, url: httpx2.URL) -> None:
        """Fail at once for a dead site; find out about one not met before."""
        site = _site(url)
        if site in self._dead:
            raise SourceFailed(self._dead[site])
        # Behind a proxy the proxy resolves names and connects, so there is nothing to probe.
        if site in self._alive or urllib.request.getproxies().keys() & {url.scheme, "all"}:
            return
        port = url.port or (443 if url.scheme == "https" else 80)
        reason = why_unreachable(url.host, port, self._connect_timeout_s)
        if reason:
            raise self._give_up(url, reason)
        self._alive.add(site)

    def _give_up(self, url: httpx2.URL, reason: str) -> SourceFailed:
        self._dead[_site(url)] = f"{_site(url)} is out of reach ({reason})"
        return SourceFailed(self._dead[_site(url)])

    def _describe(self, exc: httpx2.TransportError) -> str:
        match exc:
            case httpx2.ConnectTimeout():
                return f"no answer within {self._connect_timeout_s:g} s"
            case httpx2.TimeoutException():
                return f"nothing came for {self._stall_timeout_s:g} s"
            case httpx2.ProxyError():
                return f"the proxy refuses: {exc}"
            case _:
                return str(exc) or type(exc).__name__

    def _open(self) -> httpx2.Client:
        if self._client is None:
            timeout = httpx2.Timeout(self._stall_timeout_s, connect=self._connect_timeout_s)
            try:
                self._client = httpx2.Client(timeout=timeout)
            except (ImportError, OSError, ValueError, httpx2.InvalidURL) as exc:
                raise SourceFailed(
                    f"the proxy or certificate settings of the environment can't be used ({exc})"
                ) from exc
        return self._client


def _site(url: httpx2.URL) -> str:
    """The host, with its port when that is not the usual one."""
    return url.netloc.decode("ascii")


def _align(response: httpx2.Response, part: PartFile) -> None:
    """Refuse an answer that can't be our file; start over when the server did not resume."""
    site = _site(response.request.url)
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise SourceFailed(f"{site} answers {response.status_code} {response.reason_phrase}")
    start, total = _extent(response)
    if total is not None and total != part.size:
        raise SourceFailed(f"{site} offers {readable(total)} instead of {readable(part.size)}")
    if start not in (0, part.offset):
        raise SourceFailed(f"{site} sends another range than asked for")
    if start != part.offset:
        part.rewind(0)


def _extent(response: httpx2.Response) -> tuple[int, int | None]:
    """Where the body starts in the file, and how long the whole file is, as the server says."""
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        stated = response.headers.get("Content-Range", "").strip()
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", stated)
        if not match:
            raise SourceFailed(f"{_site(response.request.url)} does not say which range it sends")
        return int(match[1]), None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None
