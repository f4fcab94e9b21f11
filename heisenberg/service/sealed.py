"""Files that Heisenberg writes into other programs' folders, and that a user may have changed.

A seal in the file, the hash of the rest, tells a file as it was written from one with changes.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from heisenberg.core.errors import InputError
from heisenberg.core.files import replace_file

SEAL: Final = "@SEAL@"
"""Stands in a text, in a comment, where its seal is to be."""

_SEALED: Final = re.compile(rb"sha256:[0-9a-f]{64}")


def write_sealed(path: Path, text: str) -> Path | None:
    """Write ``text`` with its seal to ``path``, in a folder that is made where it is missing.

    A file with changes of the user's is kept beside it; returns where. Raises ``InputError`` or
    ``StoreError`` when the place can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(
            f"The folder {path.parent} can't be made: {exc.strerror}.", "See to its permissions."
        ) from exc
    kept = keep_changes(path)
    body = text.encode()
    with replace_file(path) as file:
        file.write(body.replace(SEAL.encode(), _seal(body)))
    return kept


def keep_changes(path: Path) -> Path | None:
    """Copy ``path`` to a file beside it if the user has changed it; returns that file."""
    if not path.is_file():
        return None
    body = path.read_bytes()
    found = _SEALED.search(body)
    if found and _seal(body.replace(found[0], SEAL.encode(), 1)) == found[0]:
        return None
    kept = path.with_name(f"{path.name}.changed")
    with replace_file(kept) as file:
        file.write(body)
    return kept


def _seal(body: bytes) -> bytes:
    return f"sha256:{hashlib.sha256(body).hexdigest()}".encode()
