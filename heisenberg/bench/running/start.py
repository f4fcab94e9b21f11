"""How long a person waits for the command line, and for the daemon to be ready."""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ
from heisenberg.audio.wavfile import write_wav
from heisenberg.core.errors import DeviceNotFound, TurnError

_ENTRY: Final = (sys.executable, "-c", "from heisenberg.cli import main; main()")
_NO_DEVICE: Final = -1.0


@dataclass(frozen=True, slots=True)
class StartReport:
    """Medians in seconds; ``ready_command`` is what was started to measure ``ready_s``."""

    import_cli_s: float
    help_s: float
    ready_s: float
    ready_command: str


def bench_start(settings: Sequence[str], *, repeat: int = 5) -> StartReport:
    """Start new processes, ``repeat`` times each; ``settings`` are ``--set`` texts."""
    bare_s = _median(repeat, (sys.executable, "-c", "pass"))
    import_s = _median(repeat, (sys.executable, "-c", "import heisenberg.cli")) - bare_s
    help_s = _median(repeat, (*_ENTRY, "--help"))
    overrides = [part for setting in settings for part in ("--set", setting)]
    command = "run"
    ready = [_ready(["run", *overrides]) for _ in range(repeat)]
    if _NO_DEVICE in ready:  # a recording takes the sound card's place, all else is the same
        command = "simulate"
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder) / "silence.wav"
            write_wav(wav, np.zeros(RATE_HZ // 10, np.int16))
            ready = [_ready(["simulate", str(wav), *overrides]) for _ in range(repeat)]
    return StartReport(
        round(import_s, 3), round(help_s, 3), round(statistics.median(ready), 2), command
    )


def _median(repeat: int, command: Sequence[str]) -> float:
    times = []
    for _ in range(repeat):
        began_s = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began_s)
    return statistics.median(times)


def _ready(arguments: Sequence[str]) -> float:
    """Seconds until the process says that it is ready; ``_NO_DEVICE`` when it lacks one."""
    began_s = time.perf_counter()
    said: list[str] = []
    with subprocess.Popen(
        [*_ENTRY, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if "ready: " in line:
                ready_s = time.perf_counter() - began_s
                process.send_signal(signal.SIGINT)
                process.stderr.read()
                return ready_s
    if process.returncode == DeviceNotFound.exit_code and "models pull" not in said[-1]:
        return _NO_DEVICE
    raise TurnError("Heisenberg does not become ready:", "".join(said[-2:]).strip())
