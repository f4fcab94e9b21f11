"""Room on the disk, and what a file system's refusals mean."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from heisenberg.core.errors import StoreError

FreeBytes: TypeAlias = Callable[[Path], int]

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_REFUSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
_OTHER_PLACE: Final = "Set another folder with store.dir (HEISENBERG_STORE__DIR)"


def free_bytes(directory: Path) -> int:
    """What this user may still write into ``directory``, which need not exist yet."""
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    return shutil.disk_usage(existing).free


def require_space(directory: Path, needed: int, free: FreeBytes = free_bytes) -> None:
    """Raise ``StoreError`` unless ``needed`` bytes fit into ``directory``."""
    available = free(directory)
    if needed > available:
        raise StoreError(
            f"The disk is full: {readable(needed)} are needed in {directory}, "
            f"{readable(available)} are free.",
            f"Make room, or choose another disk: {_OTHER_PLACE}.",
        )


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Turn a file system's refusal while writing into ``StoreError``."""
    try:
        yield
    except OSError as exc:
        raise _explain(exc, directory) from exc


def readable(size: int) -> str:
    """A number of bytes for people: ``491 MB``."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            value = size / factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{size} B"


def _explain(exc: OSError, directory: Path) -> StoreError:
    if exc.errno in _FULL:
        return StoreError(
            f"The disk is full: no more can be written into {directory}.",
            f"Make room and run the same command again, or choose another disk: {_OTHER_PLACE}.",
        )
    if exc.errno in _REFUSED:
        return StoreError(
            f"The model folder {directory} can't be written: {exc.strerror}.",
            f"Change its permissions. {_OTHER_PLACE} to keep models elsewhere.",
        )
    return StoreError(
        f"Writing into the model folder {directory} failed: {exc.strerror or exc}.",
        f"Check the disk. {_OTHER_PLACE} to keep models elsewhere.",
    )
