"""Time that nobody can set."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def elapsed_s() -> float:
    """Seconds since some moment, those in which the machine slept included."""
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    """The name of this start of the machine; empty where it has none. Blocks for a moment."""
    try:
        if sys.platform == "darwin":
            command = ("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
            return subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.strip()
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
