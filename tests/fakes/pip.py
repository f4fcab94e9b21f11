"""A stand-in for ``python -m pip``: run as a script, it "downloads" from a folder of wheels.

``pip.py INDEX download …``: INDEX holds ``<package>.whl`` files. A file ``says`` in it makes the
command print that text and fail; a file ``hangs`` makes it write half of the wheel and wait.
Every call is noted in ``calls``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import zipfile
from pathlib import Path

COMMAND = (sys.executable, __file__)


def wheel(index: Path, package: str, members: dict[str, bytes]) -> tuple[int, str]:
    """Put a wheel into ``index``; returns its size and sha256."""
    index.mkdir(parents=True, exist_ok=True)
    path = index / f"{package}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()


def calls(index: Path) -> list[str]:
    """The packages that were asked for, in order."""
    log = index / "calls"
    return log.read_text().split() if log.exists() else []


def main(index: Path, arguments: list[str]) -> int:
    assert arguments[0] == "download"
    for option in ("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input"):
        assert option in arguments, option
    requirement = Path(arguments[arguments.index("--requirement") + 1]).read_text()
    folder = Path(arguments[arguments.index("--dest") + 1])
    pinned, sha256 = requirement.strip().split(" --hash=sha256:")
    package = pinned.split("==")[0]
    with (index / "calls").open("a") as log:
        log.write(f"{package}\n")
    source = index / f"{package}.whl"
    if (index / "says").exists():
        print((index / "says").read_text())
        return 1
    if (index / "hangs").exists():
        working = Path(os.environ["TMPDIR"]) / "pip-unpack"
        working.mkdir()
        body = source.read_bytes()
        (working / source.name).write_bytes(body[: len(body) // 2])
        (index / "pid").write_text(str(os.getpid()))
        signal.pause()
    if hashlib.sha256(source.read_bytes()).hexdigest() != sha256:
        print("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.")
        return 1
    shutil.copy(source, folder / f"{package}-1.0-py3-none-any.whl")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
