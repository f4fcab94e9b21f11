"""Sound must not wait: what carries it runs before everything else, where that is allowed."""

from __future__ import annotations

import contextlib
import os


def make_urgent(pid: int, *, priority: int) -> None:
    """Give the main thread of ``pid`` (0: this thread) a real-time priority.

    Threads that it starts later inherit it. PulseAudio's own sound threads have 5. Without the
    right to (root, or CAP_SYS_NICE) nothing changes.
    """
    with contextlib.suppress(AttributeError, PermissionError):
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(priority))
