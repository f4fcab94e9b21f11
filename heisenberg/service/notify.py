"""Telling systemd how the daemon is: the protocol of sd_notify(3), without its library."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Self

import structlog

_log = structlog.get_logger(__name__)

_MICROSECONDS: Final = 1_000_000
_RATE: Final = 0.5
"""The watchdog hears from us twice in its time, as sd_watchdog_enabled(3) advises."""


class Notifier:
    """Tells the service manager what happens; does nothing where none asked for it.

    Sending never blocks and never fails: a socket that is gone is logged, once.
    """

    def __init__(
        self,
        address: str = "",
        watchdog_s: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``address``: a path, or a name in the abstract name space after ``@``; empty for none.

        ``watchdog_s``: after so long without a word the manager kills the process; 0 for never.
        """
        self._address = address
        self._watchdog_s = watchdog_s
        self._sleep = sleep
        self._failed = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As the service manager has set it in ``NOTIFY_SOCKET`` and ``WATCHDOG_...``."""
        address = environment.get("NOTIFY_SOCKET", "")
        watchdog_us = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID") in (None, "", str(os.getpid()))
        known = address.startswith(("/", "@"))
        if not (known and ours and watchdog_us.isdecimal()):
            watchdog_us = "0"
        return cls(address if known else "", int(watchdog_us) / _MICROSECONDS)

    def ready(self) -> None:
        """Everything has started, or is as it should be again after ``reloading``."""
        self._send("READY=1")

    def reloading(self) -> None:
        """The configuration is being read anew; ``ready`` follows."""
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send(f"RELOADING=1\nMONOTONIC_USEC={now_us}")

    def stopping(self) -> None:
        """The daemon has begun to stop."""
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """One line on what the daemon does, shown by ``systemctl status``."""
        self._send(f"STATUS={' '.join(text.split())}")

    async def keep_alive(self, is_alive: Callable[[], bool]) -> None:
        """Until cancelled, tell the watchdog that all is well as long as ``is_alive`` says so.

        Returns at once where there is no watchdog.
        """
        if not self._watchdog_s:
            return
        was_alive = True
        while True:
            alive = is_alive()
            if alive:
                self._send("WATCHDOG=1")
            elif was_alive:
                _log.error("the daemon hangs: the watchdog will end it", after_s=self._watchdog_s)
            was_alive = alive
            await self._sleep(self._watchdog_s * _RATE)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = self._address
        if address.startswith("@"):
            address = f"\0{address[1:]}"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), address)
        except OSError as exc:
            if not self._failed:
                _log.warning("the service manager can't be told", reason=str(exc))
            self._failed = True
