"""What a check of the machine finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check went: a warning is something that works, but not well."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: ``message`` says in one line what was found, ``hint`` what to do about it.

    ``name`` and ``code`` are stable and meant for programs. ``code`` is empty when all is well,
    and otherwise an error's code where there is one for the case.
    """

    name: str
    status: Status
    message: str
    hint: str = ""
    code: str = ""
