"""The satellites that are configured: each is connected to, and again when it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from heisenberg.audio.base import AudioChunk
from heisenberg.core.aio import cancel_and_wait, finish
from heisenberg.core.config.wyoming import host_and_port
from heisenberg.core.errors import HeisenbergError
from heisenberg.skills.base import Bell
from heisenberg.wyoming.detectors import Detectors
from heisenberg.wyoming.satellite.bell import SatelliteBell
from heisenberg.wyoming.satellite.link import Link, MakeRoom, Timing
from heisenberg.wyoming.wire import MAX_LINE_BYTES, Gone, Wire, why

_log = structlog.get_logger(__name__)


class Satellite:
    """One device, and all connections to it."""

    def __init__(self, address: str, make_room: MakeRoom, language: str, timing: Timing) -> None:
        self.address = address
        self._make_room = make_room
        self._language = language
        self._timing = timing
        self._link: Link | None = None

    @property
    def link(self) -> Link | None:
        """The connection, while there is one."""
        return self._link

    async def run(self) -> None:
        """Until cancelled. What goes wrong is logged once until it goes well again."""
        wait_s = self._timing.first_wait_s
        told = ""
        while True:
            why, lasted = await self._connect()
            if lasted:
                wait_s, told = self._timing.first_wait_s, ""
            if why != told:
                _log.warning("no satellite", address=self.address, reason=why)
                told = why
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, self._timing.longest_wait_s)

    async def _connect(self) -> tuple[str, bool]:
        """Connect, and serve until it ends: why it did, and whether the satellite was there."""
        host, port = host_and_port(self.address)
        try:
            async with asyncio.timeout(self._timing.connect_s):
                ends = await asyncio.open_connection(host, port, limit=MAX_LINE_BYTES)
        except TimeoutError:
            return "it does not answer", False
        except OSError as exc:
            return why(exc), False
        wire = Wire(*ends)
        link = self._link = Link(wire, self._make_room, self._language, self._timing)
        _log.info("satellite connected", address=self.address)
        try:
            await link.run()
        except Gone as exc:
            return str(exc) or "it takes nothing any more", link.answered
        except HeisenbergError as exc:
            return str(exc), False
        except Exception as exc:  # a fault in one room costs that room a moment
            _log.exception("a satellite's room failed", address=self.address)
            return f"its room failed: {exc}", False
        finally:
            self._link = None
            await wire.aclose()
        raise AssertionError("a connection has no other end")


class Satellites:
    """All of them, until they are closed."""

    def __init__(self, satellites: Sequence[Satellite], detectors: Detectors | None = None) -> None:
        """``detectors`` are closed with them."""
        self.satellites = tuple(satellites)
        self._detectors = detectors
        self._running = [
            asyncio.create_task(one.run(), name=f"satellite {one.address}") for one in satellites
        ]

    def bells(self, sound: AudioChunk) -> list[Bell]:
        """One for each that is there now; ``sound`` comes before the words."""
        links = [one.link for one in self.satellites]
        return [SatelliteBell(link.room, sound) for link in links if link and link.room]

    async def aclose(self) -> None:
        """Let all of them go; again does nothing."""
        for running in self._running:
            await finish(asyncio.ensure_future(cancel_and_wait(running)))
        if self._detectors is not None:
            await self._detectors.aclose()
