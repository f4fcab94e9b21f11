"""Evaluated prompts on disk, so that a restart need not evaluate the system prompt again.

A state is right for exactly what it was computed from. Its file is named by a digest of all that,
and begins with a digest of that and of the state: what belongs to something else is not found, and
what is damaged never reaches llama.cpp, which trusts what it is given.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from heisenberg.core.errors import HeisenbergError
from heisenberg.core.files import replace_file
from heisenberg.machine.native import require_file

KEPT: Final = 4
"""States in the folder; those written first make room for later ones."""

MOST_BYTES: Final = 128 << 20
"""Of one state; a system prompt of 70 tokens has 1 to 8 MB, depending on the model."""

_SUFFIX: Final = ".state"
_DIGEST_BYTES: Final = hashlib.sha256().digest_size

_log = structlog.get_logger(__name__)


class PromptStates:
    """The states of one loaded model in ``folder``, which others may share.

    Nothing here raises: who can't read or write a state evaluates, and the log says why. It blocks.
    """

    def __init__(self, folder: Path, *origin: object) -> None:
        """``origin`` is what a state depends on besides the prompt, as JSON can write it."""
        self._folder = folder
        self._origin = origin

    def read(self, tokens: Sequence[int]) -> bytes | None:
        """The state after ``tokens``, if there is one; a damaged one is deleted."""
        key = self._key(tokens)
        path = self._path(key)
        try:
            if not path.exists():
                return None
            if not path.is_file() or path.stat().st_size > _DIGEST_BYTES + MOST_BYTES:
                content = b""
            else:
                content = path.read_bytes()
        except OSError as exc:
            self._delete(path, exc.strerror or str(exc))
            return None
        digest, state = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if digest != _digest(key, state):
            self._delete(path, "it is damaged")
            return None
        return state

    def write(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep ``state`` for the next start, readable by this user alone."""
        if len(state) > MOST_BYTES:
            return
        key = self._key(tokens)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            with replace_file(self._path(key), mode=0o600) as file:
                file.write(_digest(key, state) + state)
            self._make_room()
        except (OSError, HeisenbergError) as exc:
            _log.warning("the evaluated system prompt can't be saved", reason=str(exc))

    def refuse(self, tokens: Sequence[int], reason: str) -> None:
        """Delete the state after ``tokens``, which turned out to be useless."""
        self._delete(self._path(self._key(tokens)), reason)

    def _key(self, tokens: Sequence[int]) -> bytes:
        return hashlib.sha256(json.dumps([*self._origin, list(tokens)]).encode()).digest()

    def _path(self, key: bytes) -> Path:
        return self._folder / f"{key.hex()}{_SUFFIX}"

    def _delete(self, path: Path, reason: str) -> None:
        _log.warning("a saved system prompt is not used", file=str(path), reason=reason)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        # Half-written files that a power cut left behind have the suffix inside their names.
        found = self._folder.glob(f"*{_SUFFIX}*")
        for path in sorted(found, key=_age_ns, reverse=True)[KEPT:]:
            path.unlink(missing_ok=True)


def file_identity(path: Path) -> list[str | int]:
    """What changes when another file takes the place of ``path``; raises ``ModelMissing``.

    Hashing gigabytes would take longer than evaluating the prompt. The ctime is there because it
    changes when somebody sets the modification time back.
    """
    status = require_file(path).stat()
    identity = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    return [str(path.resolve()), *identity]


def _digest(key: bytes, state: bytes) -> bytes:
    return hashlib.sha256(key + state).digest()


def _age_ns(path: Path) -> int:
    return path.lstat().st_mtime_ns
