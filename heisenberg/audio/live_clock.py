"""The time of a live session, and when the samples of a stream were heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self

_WINDOW_S: Final = 1.0
"""Callbacks come late by chance, never early: the least late of so many tells the truth."""
_LOST_S: Final = 0.1
"""A stream that has fallen behind by more has lost sound."""
_SLEW: Final = 0.0003
"""How fast a clock that runs differently is followed: crystals are less than half of it apart."""


@dataclass(frozen=True, slots=True)
class LiveTime:
    """Seconds since the session began, and how to wait."""

    now_s: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    @classmethod
    def begin(cls) -> Self:
        """A session that begins now."""
        started_s = time.monotonic()
        return cls(lambda: time.monotonic() - started_s, asyncio.sleep)


class StreamClock:
    """Times of a stream's samples, from when they arrive.

    Samples are counted, so the times have no jitter; a device's clock that runs a little faster
    or slower than the session's is followed, and sound that was lost makes the times jump.
    """

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._window_s = 0.0
        self._least_late_s = float("inf")
        self._correction_s = 0.0
        self._next_s: float | None = None

    def place(self, duration_s: float, arrived_s: float, *, lost: bool = False) -> float:
        """The time of the first sample of the next ``duration_s``, whose last one just arrived.

        ``lost`` says that sound is missing before it.
        """
        heard_s = arrived_s - self._latency_s - duration_s
        if self._next_s is None or (lost and heard_s > self._next_s):
            self._next_s = heard_s
            self._begin_window()
            self._correction_s = 0.0
        step_s = min(abs(self._correction_s), _SLEW * duration_s)
        step_s = step_s if self._correction_s > 0 else -step_s
        self._correction_s -= step_s
        start_s = self._next_s + step_s
        self._next_s = start_s + duration_s
        self._observe(heard_s - start_s, duration_s)
        return start_s

    def _observe(self, late_s: float, duration_s: float) -> None:
        self._least_late_s = min(self._least_late_s, late_s)
        self._window_s += duration_s
        if self._window_s < _WINDOW_S:
            return
        assert self._next_s is not None
        if self._least_late_s > _LOST_S:
            self._next_s += self._least_late_s
            self._correction_s = 0.0
        else:
            self._correction_s = self._least_late_s
        self._begin_window()

    def _begin_window(self) -> None:
        self._window_s = 0.0
        self._least_late_s = float("inf")
