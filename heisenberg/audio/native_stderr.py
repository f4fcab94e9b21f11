"""What sound libraries print.

PortAudio, ALSA and JACK write pages to stderr when devices go, from threads of their own too.
"""

from __future__ import annotations

import ctypes
import functools
import platform


def silence() -> None:
    """From now on nothing of what C libraries print to stderr appears.

    Their ``stderr`` is a variable of the C library, which then points to a file that goes
    nowhere. Python's own does not go through it, nor does what a crash leaves behind in C++ or
    faulthandler. Does nothing where the C library has no such variable.
    """
    if (found := _stderr()) is not None:
        variable, _, nowhere = found
        variable.value = nowhere


def restore() -> None:
    """End ``silence``."""
    if (found := _stderr()) is not None:
        variable, original, _ = found
        variable.value = original


@functools.cache
def _stderr() -> tuple[ctypes.c_void_p, int | None, int] | None:
    """The variable, its value, and a file that goes nowhere."""
    process = ctypes.CDLL(None)
    name = "__stderrp" if platform.system() == "Darwin" else "stderr"
    try:
        variable = ctypes.c_void_p.in_dll(process, name)
    except ValueError:
        return None
    process.fopen.restype = ctypes.c_void_p
    nowhere = process.fopen(b"/dev/null", b"w")
    return (variable, variable.value, nowhere) if nowhere else None
