"""A real ``systemd --user`` of the test's own, in a container that no systemd runs.

It lives in a mount name space with a ``/run`` of its own and in a control group of its own; both
are gone afterwards. On a machine that systemd runs, that systemd is left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MISSING: Final = "a systemd of its own needs root in a container with systemd, not run by it"

_MANAGER: Final = Path("/lib/systemd/systemd")
_GROUPS: Final = [Path("/sys/fs/cgroup") / name for name in ("systemd", "unified", ".")]
_READY_S: Final = 20.0

_START: Final = """
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/system
for group in "$@"; do echo $$ > "$group/cgroup.procs"; done
exec {manager} --user --unit=basic.target
"""


def is_available() -> bool:
    return (
        os.geteuid() == 0
        and _MANAGER.exists()
        and shutil.which("unshare") is not None
        and not Path("/run/systemd/system").exists()
        and any(os.access(group / "cgroup.procs", os.W_OK) for group in _GROUPS)
    )


@contextlib.contextmanager
def user_manager(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Start it with its sockets in ``environment``'s ``XDG_RUNTIME_DIR``; yields when it is ready.

    Raises ``TimeoutError`` when it does not get there.
    """
    runtime = Path(environment["XDG_RUNTIME_DIR"])
    runtime.mkdir(mode=0o700)
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears,
        _control_groups(f"heisenberg-test-{os.getpid()}") as groups,
        (folder / "manager.log").open("wb") as log,
    ):
        ears.bind(str(folder / "ready"))
        ears.settimeout(_READY_S)
        start = _START.format(manager=_MANAGER)
        manager = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", start, "sh", *map(str, groups)],
            env={**environment, "NOTIFY_SOCKET": str(folder / "ready")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            while "READY=1" not in ears.recv(4096).decode():
                pass
            yield
        finally:
            manager.send_signal(signal.SIGTERM)
            try:
                manager.wait(timeout=20)
            except subprocess.TimeoutExpired:
                manager.kill()
                manager.wait()


@contextlib.contextmanager
def _control_groups(name: str) -> Iterator[list[Path]]:
    roots = [root for root in _GROUPS if os.access(root / "cgroup.procs", os.W_OK)]
    groups = [root / name for root in roots]
    for group in groups:
        group.mkdir()
    try:
        yield groups
    finally:
        for group in groups:
            for path, _, _ in os.walk(group, topdown=False):
                Path(path).rmdir()
