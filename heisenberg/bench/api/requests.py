"""Requests of every kind that the API describes, and worse: none may make it fail.

They are made by schemathesis, out of the API's own description, against a daemon without sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from heisenberg.bench.running.daemon import running_daemon
from heisenberg.core.errors import TurnError

_OPTIONS: Final = ("--set", "api.requests_per_minute=1000000", "--set", "llm.max_tokens=8")
_PATIENCE_S: Final = 60
"""A batch of questions takes its time."""
_LONGER_S: Final = 300.0
"""What a request that is under way may add."""


@dataclass(frozen=True, slots=True)
class RequestsReport:
    """``failed`` were answered with a status of 500 or more, or not at all."""

    minutes: float
    operations: int
    requests: int
    failed: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_requests(minutes: float) -> RequestsReport:
    """Ask for so long. It blocks. Raises ``TurnError`` when the tool or the daemon ends before."""
    tool = Path(sys.executable).with_name("schemathesis")
    if not tool.exists():
        raise TurnError("schemathesis is not installed.", "Run this in a checkout after make test.")
    with tempfile.TemporaryDirectory() as folder, running_daemon(None, _OPTIONS) as daemon:
        report = Path(folder) / "report.json"
        command = [
            str(tool),
            "run",
            f"{daemon.api_url}/openapi.json",
            "--checks=not_a_server_error",
            f"--request-timeout={_PATIENCE_S}",
            f"--max-time={round(60 * minutes)}",
            f"--report-json-path={report}",
        ]
        subprocess.run(
            command,
            cwd=folder,
            stdout=sys.stderr,
            check=False,
            timeout=60 * minutes + _LONGER_S,
        )
        daemon.check()
        if not report.exists():
            raise TurnError("schemathesis has ended without a report.", "What it said is above.")
        found = json.loads(report.read_text(encoding="utf-8"))
    cases = found["test_cases"]
    return RequestsReport(
        round(found["running_time"] / 60, 1),
        found["operations"]["tested"],
        cases["generated"],
        cases["with_failures"] + cases["errored"],
    )
