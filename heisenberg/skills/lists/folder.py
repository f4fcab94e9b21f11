"""The folder with the files."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from heisenberg.core.errors import InputError
from heisenberg.core.files import replace_file
from heisenberg.core.word_lists import bare_words

_SUFFIX: Final = ".md"
_MOST_BYTES: Final = 1_000_000
_LONGEST_NAME: Final = 60
_OWNER_ONLY: Final = 0o600
_FOLDER: Final = 0o700


class Unreadable(Exception):
    """A file that is there and can't be read as text."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What a file was before and after, and what was asked for."""

    name: str
    before: str
    after: str
    asked: object


class ListFolder:
    """Files by their names without the ending. Blocks to read and write them; several threads may
    use it. The owner edits them, too: each is read anew every time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one_at_a_time = threading.Lock()
        self._last: _Change | None = None

    def names(self) -> Sequence[str]:
        """Of all files, in the order of the alphabet."""
        with suppress(OSError):
            files = self._path.glob(f"*{_SUFFIX}")
            return sorted(one.stem for one in files if not one.name.startswith("."))
        return []

    def read(self, name: str) -> str:
        """The text of a file; empty where there is none. Raises ``Unreadable``."""
        try:
            file = self._file(name)
            if file.stat().st_size > _MOST_BYTES:
                raise Unreadable
            with file.open(encoding="utf-8", newline="") as opened:
                return opened.read()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, ValueError) as exc:
            raise Unreadable from exc

    def change(self, name: str, change: Callable[[str], str], asked: object = None) -> None:
        """Write what ``change`` makes of the text; nothing is written where it raises. ``asked`` is
        that by which ``take_back`` knows it.

        Raises ``Unreadable``, ``StoreError`` where the disk is full, ``InputError`` where the
        file can't be written for another reason.
        """
        with self._one_at_a_time:
            before = self.read(name)
            after = change(before)
            if after != before or not before:
                self._write(name, after)
            self._last = _Change(name, before, after, asked)

    def take_back(self, asked: object) -> bool:
        """The last change undone, if it is what was ``asked`` for and nobody has changed the file
        since. Raises what ``change`` raises."""
        with self._one_at_a_time:
            last = self._last
            if last is None or last.asked != asked or self.read(last.name) != last.after:
                return False
            self._write(last.name, last.before)
            self._last = None
            return True

    def _write(self, name: str, text: str) -> None:
        try:
            self._path.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            file = self._file(name)
            mode = file.stat().st_mode & 0o777 if file.exists() else _OWNER_ONLY
        except OSError as exc:
            raise InputError(f"{self._path} can't be written: {exc.strerror}.") from exc
        with replace_file(file, mode=mode) as opened:
            opened.write(text.encode())

    def delete(self, name: str) -> None:
        """Raises ``InputError`` where it can't be."""
        with self._one_at_a_time:
            try:
                self._file(name).unlink(missing_ok=True)
            except OSError as exc:
                raise InputError(f"{name} can't be deleted: {exc.strerror}.") from exc

    def _file(self, name: str) -> Path:
        return self._path / f"{name}{_SUFFIX}"


def file_name(said: str) -> str:
    """A name for a new file, of letters, digits and spaces, whatever was ``said``: it leads out of
    no folder. Raises ``ValueError`` where nothing is left, or too much."""
    whole = unicodedata.normalize("NFC", said)
    name = " ".join("".join(char if char.isalnum() else " " for char in whole).split())
    if not bare_words(name) or len(name) > _LONGEST_NAME:
        raise ValueError("this can't be a name")
    return name.lower()
