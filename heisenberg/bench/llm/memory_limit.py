"""This process under a limit of memory, as a service manager or a container sets one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from heisenberg.machine.memory import own_groups

_PROCESSES: Final = "cgroup.procs"
_VERSIONS: Final = (
    ("memory.max", "memory.peak"),
    ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Limited:
    """A control group that this process is in; what it holds beyond its limit ends it."""

    folder: Path
    peak_file: str

    def peak_bytes(self) -> int:
        """The most that was held at once, files that were read included."""
        return int((self.folder / self.peak_file).read_text(encoding="utf-8"))


@contextmanager
def limited_memory(limit_bytes: int) -> Iterator[Limited | None]:
    """Within, this process may hold so much; ``None`` where it may not limit itself (Linux's
    control groups, as root)."""
    for around in own_groups():
        for limit, peak in _VERSIONS:
            if not (around / limit).exists() and not (around / _PROCESSES).exists():
                continue
            group = around / f"heisenberg-bench-{os.getpid()}"
            try:
                group.mkdir()
                (group / limit).write_text(str(limit_bytes), encoding="utf-8")
                (group / _PROCESSES).write_text(str(os.getpid()), encoding="utf-8")
            except OSError:
                if group.is_dir():
                    group.rmdir()
                continue
            try:
                yield Limited(group, peak)
            finally:
                (around / _PROCESSES).write_text(str(os.getpid()), encoding="utf-8")
                group.rmdir()
            return
    yield None
