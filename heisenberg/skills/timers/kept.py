"""The file that timers are kept in, which several processes may change."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog

from heisenberg.core.errors import StoreError
from heisenberg.core.files import replace_file
from heisenberg.skills.timers.timer import Again, Timer

_log = structlog.get_logger(__name__)

_OWNER_ONLY: Final = 0o600
_FOLDER: Final = 0o700

_Stamp: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the file: the timers by their numbers, and the number of the next one.

    Their times are those of a system's clock that was ``ahead_s`` of the one that nobody can set,
    since the start of the machine that is called ``boot``.
    """

    timers: Mapping[int, Timer] = field(default_factory=dict)
    next_id: int = 1
    ahead_s: float = 0.0
    boot: str = ""


class TimerFile:
    """Blocks to read and write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: _Stamp | None = None

    def news(self) -> Kept | None:
        """What is in it, where that is not what was last read or written here.

        What can't be read is put aside and told in the log.
        """
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return None
        try:
            found = _read(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as exc:
            aside = self._path.with_suffix(".unreadable")
            _log.error(
                "the timers can't be read", file=str(self._path), kept_as=str(aside), why=str(exc)
            )
            self._path.replace(aside)
            return None
        self._seen = stamp
        return found

    def write(self, kept: Kept) -> None:
        """Raises ``StoreError``. Only who holds it ``alone`` writes."""
        told = {
            "timers": [asdict(one) for one in kept.timers.values()],
            "next_id": kept.next_id,
            "ahead_s": kept.ahead_s,
            "boot": kept.boot,
        }
        with replace_file(self._path, mode=_OWNER_ONLY) as file:
            file.write(json.dumps(told, ensure_ascii=False, indent=1).encode())
        self._seen = self._stamp()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes it meanwhile. Raises ``StoreError`` where its folder can't be made or
        written to."""
        folder = self._path.parent
        try:
            folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            lock = self._path.with_suffix(".lock")
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError as exc:
            raise StoreError(
                f"The folder {folder} can't be made: {exc.strerror}.",
                "Set skills.data to another one.",
            ) from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # it goes with the process, however that ends
            yield
        finally:
            os.close(descriptor)

    def _stamp(self) -> _Stamp | None:
        """Another one for every file that took the place of an older one."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _read(text: str) -> Kept:
    told = json.loads(text)
    timers = {one.id: one for one in map(_timer, told["timers"])}
    after = max(timers, default=0) + 1
    return Kept(
        timers, max(after, told.get("next_id", 1)), told.get("ahead_s", 0.0), told.get("boot", "")
    )


def _timer(row: dict[str, Any]) -> Timer:
    again = row.pop("again", None)
    if again is not None:
        again = Again(tuple(again["weekdays"]), again["hour"], again["minute"])
    return Timer(**row, again=again)
