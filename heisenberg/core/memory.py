"""How much memory may still be used: by the machine, and by a limit that this process is under."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup")
_OWN_CGROUP: Final = Path("/proc/self/cgroup")
_VERSION_2: Final = "0::"


def free_bytes(cgroups: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> int:
    """What a new model may take without anything being pushed out of memory.

    Linux limits services and containers by control groups (version 2), each within its parent's.
    """
    import psutil

    free: int = psutil.virtual_memory().available
    for folder in _groups(cgroups, own):
        limit = _number(folder / "memory.max")
        used = _number(folder / "memory.current")
        if limit is not None and used is not None:
            free = min(free, limit - used + _reclaimable(folder))
    return max(0, free)


def _groups(cgroups: Path, own: Path) -> list[Path]:
    """The folder of this process's group and of all around it."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    paths = (line.removeprefix(_VERSION_2) for line in lines if line.startswith(_VERSION_2))
    folder = cgroups / next(paths, "").lstrip("/")
    return [one for one in (folder, *folder.parents) if one.is_relative_to(cgroups)]


def _reclaimable(folder: Path) -> int:
    """What is used for files that lie on disk as well."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    fields = (line.partition(" ") for line in lines)
    return sum(int(value) for name, _, value in fields if name in ("inactive_file", "active_file"))


def _number(file: Path) -> int | None:
    """``None`` where there is no limit."""
    try:
        return int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
