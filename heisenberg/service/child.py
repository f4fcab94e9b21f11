"""Running a risky piece of Python in a process of its own.

Native code that is wrong for this processor kills its process; a sound server that is stuck hangs
it. Here only a child dies or hangs, and the parent can say so.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How a child ended: its output, and what killed it (``SIGSEGV``), if anything did."""

    returncode: int
    output: str
    errors: str
    killed_by: str = ""
    timed_out: bool = False

    @property
    def reason(self) -> str:
        """Why it failed, in a few words without a full stop."""
        if self.timed_out:
            return "it did not answer in time"
        if self.killed_by:
            return f"it died of {self.killed_by}"
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        return lines[-1].rstrip(".") if lines else f"it ended with exit code {self.returncode}"


def run_python(code: str, args: Sequence[str], *, timeout_s: float) -> ChildResult:
    """Run ``code`` with this Python, without the working folder on its module path."""
    return run_child([sys.executable, "-P", "-c", code, *args], timeout_s=timeout_s)


def run_child(command: Sequence[str], *, timeout_s: float) -> ChildResult:
    """Run ``command`` to its end; one that takes longer than ``timeout_s`` is killed."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ChildResult(-signal.SIGKILL, "", "", timed_out=True)
    killed_by = signal.Signals(-done.returncode).name if done.returncode < 0 else ""
    return ChildResult(done.returncode, done.stdout, done.stderr, killed_by)
