"""Where a running Heisenberg keeps its files, as each platform expects."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import platformdirs

from heisenberg.core.errors import ConfigError

_NAME: Final = "heisenberg"
_SOCKET_NAME: Final = "control.sock"
_LONGEST_PATH: Final = 103 if sys.platform == "darwin" else 107
"""Bytes of a socket's path: ``sun_path`` in ``sys/un.h``, less the zero at its end."""


@dataclass(frozen=True, slots=True)
class Places:
    """The user's folders; none is created by asking for it."""

    runtime: Path
    """The control socket and the lock: gone with the user's session."""
    state: Path
    """What outlives a run."""
    logs: Path

    @classmethod
    def find(cls) -> Self:
        state = platformdirs.user_state_path(_NAME)
        return cls(_runtime_folder(state), state, platformdirs.user_log_path(_NAME))

    @property
    def history(self) -> Path:
        """What was said, where it is kept."""
        return self.state / "history.json"

    def control_socket(self, configured: Path | None) -> Path:
        """The socket's path: ``configured`` (``control.socket``), else in the runtime folder.

        Raises ``ConfigError`` when it is longer than a socket's path may be.
        """
        path = (configured or self.runtime / _SOCKET_NAME).expanduser().absolute()
        length = len(os.fsencode(path))
        if length > _LONGEST_PATH:
            raise ConfigError(
                f"The control socket {path} can't be made: its path has {length} bytes, and a "
                f"socket's has {_LONGEST_PATH} at most.",
                "Set control.socket to a shorter path.",
            )
        return path

    def prepare(self, socket: Path) -> None:
        """Make sure that the folder of ``socket`` is there.

        The runtime folder is created, and closed to other users. Raises ``ConfigError`` when it
        belongs to another user, or when another folder does not exist.
        """
        if socket.parent == self.runtime:
            _make_private(self.runtime)
        elif not socket.parent.is_dir():
            raise ConfigError(
                f"The folder {socket.parent} of the control socket does not exist.",
                "Create it, or set control.socket to a path in another one.",
            )


def _runtime_folder(state: Path) -> Path:
    if sys.platform == "darwin":
        return platformdirs.user_runtime_path(_NAME)
    session = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")
    return session / _NAME if _is_own_folder(session) else state / "run"


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_own_folder(folder):
            folder.chmod(0o700)
            return
    except OSError as exc:
        raise ConfigError(
            f"The folder {folder} can't be made: {exc.strerror}.", _ELSEWHERE_HINT
        ) from exc
    raise ConfigError(f"{folder} is not a folder of your own.", _ELSEWHERE_HINT)


_ELSEWHERE_HINT: Final = "Set control.socket to a path in a folder of your own."
