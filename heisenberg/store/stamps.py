"""Remembering which files were found whole, so that a start need not hash gigabytes.

Each model's folder keeps one small file that holds, for every file whose sha256 was right, what
the file system said about it then. As long as that stays the same, the file is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from heisenberg.core.errors import HeisenbergError
from heisenberg.core.files import replace_file

STAMPS: Final = ".verified.json"

_BLOCK: Final = 1 << 20


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def is_stamped(path: Path, sha256: str) -> bool:
    """Was this very file found to have ``sha256``, and is it untouched since?"""
    return _read(path.parent).get(path.name) == _identity(path, sha256)


def stamp(path: Path, sha256: str) -> None:
    """Remember that ``path`` has ``sha256``; a store that can't be written is not an error."""
    stamps = _read(path.parent)
    stamps[path.name] = _identity(path, sha256)
    _write(path.parent, stamps)


def unstamp(path: Path) -> None:
    """Forget what was remembered about ``path``."""
    stamps = _read(path.parent)
    if stamps.pop(path.name, None) is not None:
        _write(path.parent, stamps)


def _identity(path: Path, sha256: str) -> dict[str, Any]:
    # ctime too: it changes when somebody sets the modification time back.
    status = path.stat()
    return {
        "sha256": sha256,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
        "inode": status.st_ino,
    }


def _read(folder: Path) -> dict[str, Any]:
    try:
        values = json.loads((folder / STAMPS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(folder: Path, stamps: dict[str, Any]) -> None:
    with contextlib.suppress(HeisenbergError), replace_file(folder / STAMPS) as stream:
        stream.write(json.dumps(stamps, indent=1).encode())
