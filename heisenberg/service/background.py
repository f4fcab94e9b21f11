"""What a service manager does for Heisenberg: run it in the background, and say how it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psutil


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the service is. ``state`` is the manager's own word for it.

    ``enabled``: it starts by itself when the user logs in. ``lingering``: it goes on after the
    user has logged out; ``None`` where that is unknown or does not exist. ``since`` is when the
    process began, as ISO 8601 with the time zone. ``log`` is the command that shows the log and
    ``last_line`` the newest line in it, empty where there is none. ``notes`` are what the user
    should know, one line each.
    """

    installed: bool
    enabled: bool
    running: bool
    state: str
    pid: int | None
    since: str | None
    lingering: bool | None
    file: str
    log: str
    last_line: str
    notes: tuple[str, ...] = ()


class BackgroundService(Protocol):
    """Heisenberg in the hands of one service manager.

    Every method raises ``ServiceError`` when the manager is missing, can't be reached or refuses.
    """

    def install(self, command: Sequence[str]) -> list[str]:
        """Have ``command`` run from now on, at once and after every login; again updates it.

        Returns what the user should know, one line each.
        """

    def uninstall(self) -> list[str]:
        """Stop the service and remove all of it, or what is left; returns what was done."""

    def status(self) -> ServiceStatus: ...


def started_at(pid: int) -> str | None:
    """When a process began, as ISO 8601; ``None`` when it has gone."""
    try:
        began_s = psutil.Process(pid).create_time()
    except psutil.Error:
        return None
    return datetime.fromtimestamp(began_s).astimezone().isoformat(timespec="seconds")


def remove(path: Path) -> bool:
    """Remove a file or a link; was there one?"""
    there = path.exists() or path.is_symlink()
    path.unlink(missing_ok=True)
    return there
