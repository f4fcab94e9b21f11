"""A file while it arrives: ``<name>.part``, a beginning of the whole, never mistaken for it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from heisenberg.core.errors import StoreError
from heisenberg.store.base import SourceFailed
from heisenberg.store.space import readable, writing

_BLOCK: Final = 1 << 20


def part_of(target: Path) -> Path:
    """Where the beginning of ``target`` is kept until the whole is there."""
    return target.with_name(target.name + ".part")


def discard(target: Path) -> None:
    """Remove the beginning of ``target``, and the folder when nothing else is in it."""
    with contextlib.suppress(OSError):
        part_of(target).unlink(missing_ok=True)
        target.parent.rmdir()


class PartFile:
    """Collects a file's bytes in order and puts it in place when they are the right ones.

    Left early, the part stays for the next attempt to continue, from whatever source; after a
    write that failed it is removed, since a full disk needs the room. Methods that write raise
    ``StoreError``.
    """

    def __init__(self, target: Path, size: int, sha256: str) -> None:
        self.target = target
        self.size = size
        self._sha256 = sha256
        self._path = part_of(target)
        self._stream: io.FileIO | None = None
        self._digest = hashlib.sha256()
        self._offset = 0
        self._inherited = 0
        self._discard = False

    @property
    def offset(self) -> int:
        """Bytes collected so far."""
        return self._offset

    @property
    def inherited(self) -> int:
        """How many of them came from before ``begin_source``."""
        return self._inherited

    def __enter__(self) -> Self:
        with writing(self.target.parent):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: a full disk shows in the write that hits it.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._stream = io.FileIO(descriptor, "r+b")
            self.rewind(min(os.fstat(descriptor).st_size, self.size))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is None:
            return
        self._stream.close()
        self._stream = None
        if self._discard or not self._offset:
            discard(self.target)

    def begin_source(self) -> None:
        """What is there from now on counts as inherited."""
        self._inherited = self._offset

    def write(self, data: bytes) -> None:
        """Append. Raises ``SourceFailed`` when there are more bytes than the file has."""
        if self._offset + len(data) > self.size:
            self.rewind(0)
            raise SourceFailed(f"it sends more than {readable(self.size)}")
        try:
            with writing(self.target.parent):
                view = memoryview(data)
                while view:
                    view = view[self._open.write(view) :]
        except StoreError:
            self._discard = True
            raise
        self._digest.update(data)
        self._offset += len(data)

    def rewind(self, offset: int) -> None:
        """Keep the first ``offset`` bytes only."""
        digest = hashlib.sha256()
        with writing(self.target.parent):
            self._open.seek(0)
            left = offset
            while left and (block := self._open.read(min(_BLOCK, left))):
                digest.update(block)
                left -= len(block)
            if os.fstat(self._open.fileno()).st_size > offset:
                self._open.truncate(offset)
        self._digest = digest
        self._offset = offset
        self._inherited = min(self._inherited, offset)

    def is_whole(self) -> bool:
        """Are all bytes there, and the right ones?"""
        return self._offset == self.size and self._digest.hexdigest() == self._sha256

    def commit(self) -> None:
        """Put the file in its place, durably; call it only when it is whole."""
        folder = self.target.parent
        with writing(folder):
            os.fsync(self._open.fileno())
            self._path.replace(self.target)
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @property
    def _open(self) -> io.FileIO:
        if self._stream is None:
            raise ValueError("the part is not open")
        return self._stream
