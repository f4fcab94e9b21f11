"""How the machine is doing at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from heisenberg.machine.memory import allowed_bytes, free_bytes

_LOOK_S: Final = 0.3
"""How long the processor's load is watched."""
_OF_THE_PROCESSOR: Final = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal")
"""Sensors, by the names of their drivers; others may be of a disk or a network card."""


@dataclass(frozen=True, slots=True)
class Battery:
    """``left_s`` is how long it still lasts, where that is known."""

    percent: int
    is_plugged: bool
    left_s: int | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """``temperature`` is the processor's, in degrees Celsius. What the machine does not tell, or
    does not have, is ``None``."""

    processor_percent: int
    memory_free_bytes: int
    memory_bytes: int
    disk_free_bytes: int
    disk_bytes: int
    temperature: float | None = None
    battery: Battery | None = None

    @classmethod
    def look(cls, folder: Path) -> Vitals:
        """Now; the disk is that of ``folder``, which need not be there. Blocks for a third of a
        second."""
        import psutil

        there = next(one for one in (folder, *folder.parents) if one.exists())
        disk = psutil.disk_usage(str(there))
        return cls(
            round(psutil.cpu_percent(interval=_LOOK_S)),
            free_bytes(),
            allowed_bytes(),
            disk.free,
            disk.total,
            _temperature(),
            _battery(),
        )


def _temperature() -> float | None:
    import psutil

    if not hasattr(psutil, "sensors_temperatures"):  # as on macOS
        return None
    sensors = psutil.sensors_temperatures()
    found = [one.current for name in _OF_THE_PROCESSOR for one in sensors.get(name, ())]
    return max(found, default=None)


def _battery() -> Battery | None:
    import psutil

    found = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if found is None:
        return None
    left_s = found.secsleft if found.secsleft and found.secsleft > 0 else None
    return Battery(round(found.percent), bool(found.power_plugged), left_s)
