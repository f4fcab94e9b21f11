"""The processor that everything runs on: what it is called, and how much of it may be used."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

_CPUINFO: Final = Path("/proc/cpuinfo")
_NAMES: Final = ("model name", "Model")
"""Of a processor on a PC; of the whole board on a Raspberry Pi, whose processors have none."""

_EXACT: Final = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})
"""What ``/proc/cpuinfo`` calls the instructions for that, on x86 and on ARM."""


def processor_name(cpuinfo: Path = _CPUINFO) -> str:
    """What tells this processor from others, as far as the system knows it."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = (line.partition(":") for line in lines)
    found = {key.strip(): value.strip() for key, _, value in fields}
    return next((found[name] for name in _NAMES if found.get(name)), platform.machine())


def adds_8_bits_exactly(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether products of 8 bits are known to be added up without being cut off in between, as
    older x86 processors do."""
    try:
        text = cpuinfo.read_text(encoding="utf-8")
    except OSError:
        return False
    return not _EXACT.isdisjoint(text.split())


def allowed_cores() -> int:
    """How many physical cores this process may use, at least one."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))
