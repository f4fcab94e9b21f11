"""Calling the system's own programs, such as ``systemctl``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from heisenberg.service.child import ChildResult, run_child

Run: TypeAlias = Callable[[Sequence[str]], ChildResult]
"""Runs a command to its end. Raises ``ProgramMissing`` when there is no such program."""

_LONGEST_S: Final = 330.0
"""Above the five minutes that a start may take by ``systemd/heisenberg.service``."""


class ProgramMissing(Exception):
    """The system lacks a program; whoever asked for it knows what that means."""


def run_program(command: Sequence[str]) -> ChildResult:
    try:
        return run_child(command, timeout_s=_LONGEST_S)
    except OSError as exc:
        raise ProgramMissing(f"'{command[0]}' can't be run: {exc.strerror}.") from exc


def complaint(ended: ChildResult) -> str:
    """What a failed program said first, without a full stop: what follows are hints."""
    lines = [line.strip() for line in ended.errors.splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else ended.reason
