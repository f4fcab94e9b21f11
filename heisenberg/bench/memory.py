"""What the whole assistant holds in memory."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from typing import Final

import numpy as np
import psutil

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.config import Config
from heisenberg.main import Engines
from heisenberg.simulation import Conditions, simulate
from heisenberg.tts.speech import recorded

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
    phrase = f"{engines.wake.phrase}, " if engines.wake else ""
    for _ in range(turns):
        question = await recorded(engines.tts, f"{phrase}why is the sky blue?", RATE_HZ)
        silence = np.zeros(RATE_HZ // 2, np.int16)
        await simulate(
            config, engines, np.concatenate((silence, question, silence)), Conditions(fast=True)
        )
    return MemoryReport(loaded, _resident_mb(), _peak_mb(), turns)


def _resident_mb() -> float:
    return round(psutil.Process().memory_info().rss / _MB, 1)


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / _MB, 1)
