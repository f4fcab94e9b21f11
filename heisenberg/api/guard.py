"""Who may use the API: every request passes here before anything else looks at it.

A page in the owner's browser must not be able to talk to the assistant unless it is ours: the
``Host`` must be a name of this machine (against DNS rebinding), the ``Origin`` that of the page
itself or one that is configured. Where a token is set, it must be shown.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import socket
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from heisenberg.api.errors import (
    Forbidden,
    TooLarge,
    TooManyRequests,
    TooSlow,
    Unauthorized,
    body_of,
    openai_body_of,
    status_of,
)
from heisenberg.api.rate import RateLimit
from heisenberg.core.config.api import ApiConfig
from heisenberg.core.errors import HeisenbergError

COOKIE: Final = "heisenberg_token"

_OPEN: Final = frozenset({"/", "/health", "/api/login", "/docs"})
_OPEN_BELOW: Final = "/dashboard/"
_UPLOADS: Final = frozenset({"/api/talk", "/v1/audio/transcriptions"})
_WAIT_S: Final = 30.0
"""For the next part of a body."""
_REFUSED: Final = 1008
"""The code with which a WebSocket is closed that breaks a rule (RFC 6455)."""
_LOCAL_NAMES: Final = frozenset({"localhost", "ip6-localhost"})


class Guard:
    """An ASGI app around another one."""

    def __init__(self, app: ASGIApp, config: ApiConfig, now_s: Callable[[], float]) -> None:
        """``now_s`` is a clock, for how often somebody asks."""
        self._app = app
        self._token = config.secret
        self._names = {*_LOCAL_NAMES, config.host.lower(), *(one.lower() for one in config.hosts)}
        self._names |= _own_names()
        self._origins = frozenset(origin.rstrip("/").lower() for origin in config.origins)
        self._body_bytes = int(config.body_mb * 1e6)
        self._upload_bytes = int(config.upload_mb * 1e6)
        self._rate = RateLimit(config.requests_per_minute, now_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            self._check(scope, headers)
            most_bytes = self._most_bytes(scope["path"])
            if int(headers.get("content-length", "0")) > most_bytes:
                raise _too_large(most_bytes)
        except (HeisenbergError, ValueError) as exc:
            error = exc if isinstance(exc, HeisenbergError) else _no_length()
            await _refuse(error, scope, receive, send)
            return
        if scope["type"] == "http":
            receive = bounded(receive, most_bytes)
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raises ``ApiError`` for who may not."""
        self._check_host(headers)
        self._check_origin(scope, headers)
        client = scope.get("client")
        if not self._rate.allows(client[0] if client else ""):
            raise TooManyRequests("That is too often.", "Wait a moment; api.requests_per_minute.")
        path = scope["path"]
        if self._token is None or path in _OPEN or path.startswith(_OPEN_BELOW):
            return
        shown = shown_token(headers)
        if shown is None:
            raise Unauthorized("A token is needed.", "Send it as 'Authorization: Bearer TOKEN'.")
        if not same_secret(shown, self._token):
            raise Unauthorized("The token is wrong.", "It is what api.token is set to.")

    def _check_host(self, headers: Headers) -> None:
        name = (urlsplit(f"//{headers.get('host', '')}").hostname or "").rstrip(".")
        if name not in self._names and not _is_address(name):
            raise Forbidden(
                "The request is not addressed to this machine.",
                "Use its name, or add the one that you use to api.hosts.",
            )

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None:  # no page in a browser
            return
        secure = scope["scheme"] in ("https", "wss")
        own = f"{'https' if secure else 'http'}://{headers.get('host', '')}".lower()
        if origin.lower() not in {own, *self._origins}:
            raise Forbidden(
                "A page of another site may not use this.", "Add the site to api.origins."
            )

    def _most_bytes(self, path: str) -> int:
        return self._upload_bytes if path in _UPLOADS else self._body_bytes


def shown_token(headers: Headers) -> str | None:
    """The token that a request shows: as ``Bearer``, as ``X-API-Key``, or in our cookie."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    if "x-api-key" in headers:
        return headers["x-api-key"]
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if cookie is None else cookie.value


def same_secret(one: str, other: str) -> bool:
    """Compared in a time that tells nothing about where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def bounded(receive: Receive, most_bytes: int, wait_s: float = _WAIT_S) -> Receive:
    """``receive`` for bodies that say no length, or a wrong one, or end half-way.

    Raises ``TooLarge``, and ``TooSlow`` where nothing of a body comes for ``wait_s``.
    """
    received = 0
    is_whole = False

    async def bounded_receive() -> Message:
        nonlocal received, is_whole
        try:
            async with asyncio.timeout(None if is_whole else wait_s):
                message = await receive()
        except TimeoutError:
            is_whole = True  # who answers it waits for the client to go
            raise TooSlow("The rest of the request did not come.", "Send it again.") from None
        if message["type"] == "http.request":
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > most_bytes:
                raise _too_large(most_bytes)
        return message

    return bounded_receive


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(
        f"The request is longer than {most_bytes / 1e6:g} MB.",
        "Send less, or raise api.body_mb, or api.upload_mb for sound.",
    )


def _no_length() -> Forbidden:
    return Forbidden("The request does not tell its length.", "Send a number as Content-Length.")


async def _refuse(error: HeisenbergError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED, error.message)(scope, receive, send)
        return
    body = openai_body_of(error) if scope["path"].startswith("/v1/") else body_of(error)
    await JSONResponse(body, status_of(error))(scope, receive, send)


def _is_address(name: str) -> bool:
    """Whether it is an address itself: nobody can make a name of theirs stand for it."""
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    """What this machine is called in its own network."""
    name = socket.gethostname().lower()
    return {name, f"{name.partition('.')[0]}.local"}
