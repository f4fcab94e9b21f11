"""How much memory may still be used: by the machine, and by a limit that this process is under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup")
_OWN_CGROUP: Final = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class _Version:
    """Where a version of control groups says what is allowed and what is used."""

    key: str
    """Between the colons of the line that names this process's group."""
    folder: str
    limit: str
    used: str
    files: tuple[str, ...]
    """What is held of files, in ``memory.stat``: it can be read again."""


_VERSIONS: Final = (
    _Version("0:", "", "memory.max", "memory.current", ("inactive_file", "active_file")),
    _Version(
        "memory",
        "memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        ("total_inactive_file", "total_active_file"),
    ),
)


def free_bytes(cgroups: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> int:
    """What a new model may take without anything being pushed out of memory.

    Linux limits services and containers by control groups (either version), each within its
    parent's.
    """
    import psutil

    free: int = psutil.virtual_memory().available
    for version, folder in _groups(cgroups, own):
        limit = _number(folder / version.limit)
        used = _number(folder / version.used)
        if limit is not None and used is not None:
            free = min(free, limit - used + _reclaimable(folder, version))
    return max(0, free)


def allowed_bytes(cgroups: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> int:
    """The machine's memory, or what this process may use of it."""
    import psutil

    total: int = psutil.virtual_memory().total
    limits = (_number(folder / version.limit) for version, folder in _groups(cgroups, own))
    return min([total, *(limit for limit in limits if limit is not None)])


def own_groups(cgroups: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> list[Path]:
    """The folders of this process's control groups and of all around them."""
    return [folder for _, folder in _groups(cgroups, own)]


def _groups(cgroups: Path, own: Path) -> Iterator[tuple[_Version, Path]]:
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        kind, _, path = rest.partition(":")
        for version in _VERSIONS:
            if version.key in (f"{number}:{kind}", kind):
                root = cgroups / version.folder
                folder = root / path.lstrip("/")
                yield from (
                    (version, one) for one in (folder, *folder.parents) if one.is_relative_to(root)
                )


def _reclaimable(folder: Path, version: _Version) -> int:
    """What is used for files that lie on disk as well."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    fields = (line.partition(" ") for line in lines)
    return sum(int(value) for name, _, value in fields if name in version.files)


def _number(file: Path) -> int | None:
    """``None`` where there is no limit."""
    try:
        return int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
