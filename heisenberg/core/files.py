"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from heisenberg.core.errors import InputError, StoreError


def check_writable(path: Path) -> None:
    """Raise ``InputError`` now if ``path`` can't be written later."""
    if _is_special(path):
        return
    target = path.resolve()
    if target.is_dir():
        raise InputError(f"{path} is a folder.", "Name a file to write.")
    if not target.parent.is_dir():
        raise InputError(
            f"The folder {path.parent} does not exist.", "Create it, or choose another."
        )
    if not os.access(target.parent, os.W_OK):
        raise InputError(f"{path} can't be written: permission denied.", "Choose another place.")


@contextlib.contextmanager
def replace_file(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A binary file that takes the place of ``path`` when the block ends without an error.

    Its permissions are ``mode`` less the umask, whatever those of the old file were.

    A pipe or a device, such as ``/dev/stdout``, can't be replaced and is written to.
    Raises ``StoreError`` when the disk is full, ``InputError`` when the place can't be written.
    """
    if _is_special(path):
        with path.open("wb") as device:
            yield device
        return
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as exc:
        raise _explain(path, exc) from exc
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        temporary.chmod(mode & ~_UMASK)
        temporary.replace(path)
    except OSError as exc:
        raise _explain(path, exc) from exc
    finally:
        temporary.unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK: Final = _read_umask()


def _explain(path: Path, exc: OSError) -> InputError | StoreError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path} can't be written: the disk is full.", "Free some space.")
    return InputError(f"{path} can't be written: {exc.strerror}.", "Choose another place.")
