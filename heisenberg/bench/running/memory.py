"""What the whole assistant holds in memory."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from typing import Final

import psutil

from heisenberg.core.config import Config
from heisenberg.core.events import Event
from heisenberg.loading import Engines
from heisenberg.simulation import ask_aloud

_MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """Resident memory of this process in MB (10^6 bytes): loaded, after turns, and at most."""

    loaded_mb: float
    after_turns_mb: float
    peak_mb: float
    turns: int


async def bench_memory(config: Config, engines: Engines, *, turns: int = 3) -> MemoryReport:
    """Load is done by the caller; answer ``turns`` spoken questions and look again."""
    loaded = _resident_mb()
    answered = 0
    for _ in range(turns):
        _, result = await ask_aloud(config, engines, "Why is the sky blue?", fast=True)
        answered += any(record.event is Event.PLAYBACK_END for record in result.events)
    return MemoryReport(loaded, _resident_mb(), _peak_mb(), answered)


def _resident_mb() -> float:
    return round(psutil.Process().memory_info().rss / _MB, 1)


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / _MB, 1)
