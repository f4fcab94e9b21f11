"""Heisenberg as a Wyoming server, in the daemon's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Self

import structlog

from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.config import Config
from heisenberg.core.config.wyoming import WyomingConfig
from heisenberg.core.errors import ConfigError, ServiceError
from heisenberg.core.services import Services
from heisenberg.wyoming.connection import Connection, Offered
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.info import described
from heisenberg.wyoming.wire import MAX_LINE_BYTES, Wire

MOST_CLIENTS: Final = 32
_ACCEPT_STEPS: Final = 3
"""Turns of the loop until a connection that is being accepted is there."""

_log = structlog.get_logger(__name__)


class WyomingServer:
    """Serves until it is closed. ``address`` is where."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.address = ""

    @classmethod
    async def open(cls, offered: Offered, config: WyomingConfig) -> Self:
        """Raises ``ConfigError`` when the address is taken."""
        serving = cls(offered)
        try:
            server = await asyncio.start_server(
                serving._accept, config.host, config.port, limit=MAX_LINE_BYTES
            )
        except OSError as exc:
            raise ConfigError(
                f"The Wyoming server can't listen at {config.host}:{config.port}: "
                f"{exc.strerror or exc}.",
                "Set wyoming.port to another one.",
            ) from exc
        serving._server = server
        port = server.sockets[0].getsockname()[1]
        host = f"[{config.host}]" if ":" in config.host else config.host
        serving.address = f"tcp://{host}:{port}"
        _log.info("the Wyoming server listens", address=serving.address)
        if not config.is_local:
            _log.warning(
                "everybody who reaches the Wyoming server may use the assistant: the protocol has "
                "no password",
                address=serving.address,
            )
        return serving

    async def aclose(self) -> None:
        """Let every client go; again does nothing."""
        if self._server is None:
            return
        server, self._server = self._server, None
        for _ in range(_ACCEPT_STEPS):  # asyncio 3.11 loses a connection that it is accepting now
            await asyncio.sleep(0)
        server.close()
        for client in tuple(self._clients):
            await finish(asyncio.ensure_future(cancel_and_wait(client)))
        if self._offered.detectors is not None:
            await self._offered.detectors.aclose()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # accepted just before the end
            writer.transport.abort()
            return
        wire = Wire(reader, writer)
        serving = asyncio.create_task(self._serve(wire), name="wyoming client")
        self._clients.add(serving)

        def end(_serving: asyncio.Task[None]) -> None:  # also of a task that never ran
            self._clients.discard(serving)
            wire.close()

        serving.add_done_callback(end)

    async def _serve(self, wire: Wire) -> None:
        if len(self._clients) > MOST_CLIENTS:
            await wire.refuse(
                ServiceError("Too many clients are connected.", "Try again in a moment.")
            )
            return
        await Connection(wire, self._offered).serve()


async def open_server(
    config: Config, services: Services, detectors: Detectors | None, phrases: Sequence[str]
) -> WyomingServer:
    """What ``services`` can do, served where ``config`` says; ``phrases`` are the wake words.

    Raises as ``WyomingServer.open`` does.
    """
    info = described(config, phrases, skills=services.skills is not None)
    offered = Offered(services, info, config.languages[0], detectors)
    return await WyomingServer.open(offered, config.wyoming)
