"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from heisenberg.core.errors import InputError, StoreError


def check_writable(path: Path) -> None:
    """Raise ``InputError`` now if ``path`` can't be written later."""
    folder = path.parent
    if path.is_dir():
        raise InputError(f"{path} is a folder.", "Name a file to write.")
    if not folder.is_dir():
        raise InputError(f"The folder {folder} does not exist.", "Create it, or choose another.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise InputError(f"{path} can't be written: permission denied.", "Choose another place.")


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the place of ``path`` when the block ends without an error.

    Raises ``StoreError`` when the disk is full, ``InputError`` when the place can't be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as exc:
        raise _explain(path, exc) from exc
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as exc:
        raise _explain(path, exc) from exc
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _explain(path: Path, exc: OSError) -> InputError | StoreError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path} can't be written: the disk is full.", "Free some space.")
    return InputError(f"{path} can't be written: {exc.strerror}.", "Choose another place.")
