"""What there is to compute with: memory and how fast it is read, cores, graphics, power."""

from __future__ import annotations

import platform
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from heisenberg.machine.memory import allowed_bytes, free_bytes
from heisenberg.machine.processor import allowed_cores, processor_name

_MB: Final = 2**20
_COPIED_BYTES: Final = 64 * _MB
_COPIES: Final = 4
_METAL_SHARE: Final = 0.67
"""Of the memory of a Mac, what its graphics processor may use."""
_NVIDIA: Final = "nvidia-smi"
_ASKING_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Graphics:
    """A graphics processor and the memory it can use; ``used``: llama.cpp was built for it."""

    name: str
    memory_mb: int
    used: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """``bandwidth_gb_s`` is how fast memory is read; ``on_battery`` is ``None`` without one."""

    processor: str
    cores: int
    memory_mb: int
    free_mb: int
    bandwidth_gb_s: float
    graphics: Graphics | None = None
    on_battery: bool | None = None

    @classmethod
    def look(cls) -> Machine:
        """This machine, now. It blocks for about a tenth of a second."""
        import psutil

        memory = psutil.virtual_memory()
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
        return cls(
            processor_name(),
            allowed_cores(),
            allowed_bytes() // _MB,
            free_bytes() // _MB,
            _bandwidth_gb_s(),
            _graphics(memory.total // _MB),
            None if battery is None else not battery.power_plugged,
        )

    def describe(self) -> str:
        """One line."""
        parts = [
            f"{self.memory_mb / 1024:.1f} GB of memory ({self.free_mb / 1024:.1f} free) "
            f"at {self.bandwidth_gb_s:.0f} GB/s",
            f"{self.cores} cores ({self.processor})",
            _described(self.graphics),
        ]
        if self.on_battery is not None:
            parts.append("on battery" if self.on_battery else "on mains")
        return ", ".join(parts)


def graphics_used() -> str:
    """What a language model in this process computes with besides the processor, if anything."""
    return "metal" if _has_metal() else ""


def _has_metal() -> bool:
    return platform.system() == "Darwin" and platform.machine() == "arm64"


def _described(graphics: Graphics | None) -> str:
    if graphics is None:
        return "no graphics processor to compute with"
    unused = "" if graphics.used else ", which this installation does not use"
    return f"{graphics.name} with {graphics.memory_mb / 1024:.1f} GB{unused}"


def _bandwidth_gb_s() -> float:
    """How fast one core reads memory while it copies; the best of some tries."""
    import numpy as np

    source = np.ones(_COPIED_BYTES, np.uint8)
    target = np.empty_like(source)
    best_s = float("inf")
    for _ in range(_COPIES):
        began_s = time.perf_counter()
        np.copyto(target, source)
        best_s = min(best_s, time.perf_counter() - began_s)
    return 2 * _COPIED_BYTES / best_s / 1e9


def _graphics(memory_mb: int) -> Graphics | None:
    if _has_metal():
        return Graphics("Metal", int(memory_mb * _METAL_SHARE), used=True)
    if shutil.which(_NVIDIA) is None:
        return None
    query = [_NVIDIA, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=_ASKING_S, check=True)
        name, _, size = asked.stdout.splitlines()[0].rpartition(",")
        return Graphics(name.strip(), int(size))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
