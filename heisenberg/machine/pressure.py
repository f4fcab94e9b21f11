"""How short memory is, as the system sees it."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

from heisenberg.machine.memory import allowed_bytes, free_bytes, own_groups

_STALLS: Final = Path("/proc/pressure/memory")
_STALLED_GROUP: Final = "memory.pressure"


class Pressure(IntEnum):
    """The more, the shorter."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


_STALLED_PERCENT: Final = (5.0, 20.0, 50.0)
"""Of the last ten seconds, in which some task waited for memory: from here on the pressure is
medium, high, critical. Linux's own out-of-memory daemon begins to kill at 60 (its manual)."""
_FREE_SHARE: Final = (0.10, 0.05, 0.02)
"""Of the memory there is, the same; where nobody waits yet, since nothing was asked for."""
_MACOS_LEVELS: Final = {1: Pressure.LOW, 2: Pressure.MEDIUM, 4: Pressure.CRITICAL}
"""What the kernel calls normal, warning and critical."""


def memory_pressure() -> Pressure:
    """The highest of what the system says and what is left tells. It reads small files."""
    levels = [_by_free_share(free_bytes() / allowed_bytes()), by_stalls(_stall_files())]
    if sys.platform == "darwin":
        levels.append(_macos_level())
    return max(levels)


def by_stalls(files: Sequence[Path]) -> Pressure:
    """By how long tasks have waited for memory: the worst of ``files`` in the kernel's form."""
    percent = max((_stalled_percent(file) for file in files), default=0.0)
    return Pressure(sum(percent >= limit for limit in _STALLED_PERCENT))


def _by_free_share(share: float) -> Pressure:
    return Pressure(sum(share < limit for limit in _FREE_SHARE))


def _stall_files() -> list[Path]:
    """The machine's, and those of the control groups this process is in."""
    return [_STALLS, *(folder / _STALLED_GROUP for folder in own_groups())]


def _stalled_percent(file: Path) -> float:
    """``some avg10=…`` of a file; 0 where the kernel does not count."""
    try:
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        fields = dict(field.split("=") for field in first.split()[1:])
        return float(fields["avg10"])
    except (OSError, ValueError, KeyError):
        return 0.0


def _macos_level() -> Pressure:
    level = ctypes.c_int(0)
    size = ctypes.c_size_t(ctypes.sizeof(level))
    library = ctypes.CDLL(ctypes.util.find_library("c"))
    name = b"kern.memorystatus_vm_pressure_level"
    failed = library.sysctlbyname(name, ctypes.byref(level), ctypes.byref(size), None, 0)
    return Pressure.LOW if failed else _MACOS_LEVELS.get(level.value, Pressure.LOW)
