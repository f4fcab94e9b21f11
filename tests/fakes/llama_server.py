"""A real llama.cpp server in a process of its own, started as a user starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunningServer:
    url: str
    process: subprocess.Popen[str]


@contextmanager
def running_server(
    model: Path, *, context_tokens: int, slots: int = 2, port: int = 0
) -> Iterator[RunningServer]:
    """Ready to answer; ended with the block."""
    command = [
        *(sys.executable, "-m", "heisenberg", "llama-server", str(model)),
        *("--port", str(port), "--slots", str(slots)),
        *("--set", f"llm.context_tokens={context_tokens}"),
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while (found := re.search(r"Ready at (\S+)", said)) is None:
                line = process.stdout.readline()
                assert line, f"the server has ended: {said}"
                said += line
            yield RunningServer(found[1], process)
        finally:
            process.terminate()
            process.wait(20)
