"""The web server, in the daemon's own loop."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import socket
import ssl
from collections.abc import Iterator
from typing import Final, Self

import structlog
import uvicorn
from starlette.types import ASGIApp

from heisenberg.api.app import make_api
from heisenberg.core.aio import finish
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.config.api import ApiConfig
from heisenberg.core.errors import ConfigError
from heisenberg.core.phrases import Phrases
from heisenberg.machine.inventory import graphics_used
from heisenberg.store.store import Store

_STOPPING_S: Final = 2
"""Who is being answered is given so long when Heisenberg stops."""
_BACKLOG: Final = 128

_log = structlog.get_logger(__name__)


class ApiServer:
    """Serves until it is closed. ``url`` is where."""

    def __init__(self, server: _Server, listening: socket.socket, url: str) -> None:
        self.url = url
        self._server = server
        self._serving = asyncio.create_task(server.serve([listening]), name="api")

    @classmethod
    async def open(cls, api: ASGIApp, config: ApiConfig) -> Self:
        """Raises ``ConfigError`` when the address is taken, or the certificate can't be used."""
        listening = await asyncio.to_thread(_bind, config)
        secure = config.certificate is not None
        try:
            server = await asyncio.to_thread(_server, api, config)
        except BaseException:
            listening.close()
            raise
        host = f"[{config.host}]" if ":" in config.host else config.host
        port = listening.getsockname()[1]
        return cls(server, listening, f"{'https' if secure else 'http'}://{host}:{port}")

    async def aclose(self) -> None:
        """Answer nobody any more; again does nothing."""
        self._server.should_exit = True
        await finish(self._serving)


async def open_api(app: App, config: Config) -> ApiServer:
    """The API of ``app``, served where ``config`` says. Raises as ``ApiServer.open`` does."""
    phrases = await asyncio.to_thread(Phrases.load, config.languages[0])
    graphics = await asyncio.to_thread(graphics_used)
    store = await asyncio.to_thread(Store.open, config)
    api = make_api(app, config, phrases, store, graphics)
    server = await ApiServer.open(api, config.api)
    _log.info(f"the API at {server.url} listens")
    return server


class _Server(uvicorn.Server):
    """Signals are the daemon's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bind(config: ApiConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # Named TCP, so that asyncio lets small pieces go at once: those of a streamed answer would
    # otherwise each wait 40 ms for the client's word that it has the one before.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError as exc:
        listening.close()
        raise ConfigError(
            f"The API can't listen at {config.host}:{config.port}: {exc.strerror or exc}.",
            "Set api.port to another one.",
        ) from exc
    return listening


def _server(api: ASGIApp, config: ApiConfig) -> _Server:
    mimetypes.init()  # it reads files, and otherwise does so in the first answer that is one
    settings = uvicorn.Config(
        api,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_STOPPING_S,
        ssl_certfile=config.certificate,
        ssl_keyfile=config.key,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,  # events are small, and most who watch are near
    )
    try:
        settings.load()
    except (OSError, ssl.SSLError) as exc:
        raise ConfigError(
            f"The certificate {config.certificate} can't be used: {exc}.",
            "api.certificate and api.key are PEM files that belong together.",
        ) from exc
    return _Server(settings)
