"""A gate before the networks: while a room is quiet, nothing needs to be computed.

It opens when the sound rises above the room's own noise, and lets what came just before through
as well, so that no beginning is lost.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from heisenberg.audio.base import AudioChunk

_OPENS_DB: Final = 5.0
"""So much above the noise floor something happens; a voice in 10 dB of noise rises by 8."""
_QUIETEST: Final = 5.0
"""Differences of a voice at about -65 dBFS: below it, nobody speaks to a machine."""
_FLOOR_S: Final = 4.0
"""The noise floor is the quietest moment of so long a time; nobody speaks without a gap."""
_SMOOTH_S: Final = 0.1
_PRE_ROLL_S: Final = 0.8
_HOLD_S: Final = 1.5
"""It stays open so long after the last sound: what it ended may only be judged then."""


class LevelGate:
    """Feed it every chunk; work only on what it gives back."""

    def __init__(self) -> None:
        self._kept: deque[AudioChunk] = deque()
        self._moments: deque[tuple[float, float]] = deque()
        """(time, level) of the recent past, the levels ascending: the first one is the floor."""
        self._level = 0.0
        self._last_sample = 0.0
        self._open_until_s = float("-inf")

    def push(self, chunk: AudioChunk, *, held_open: bool) -> list[AudioChunk]:
        """The chunks to work on now, in order; none in quiet.

        ``held_open`` lets everything through. What is given back follows what was given back
        before only as long as the gate stays open: compare the times.
        """
        end_s = chunk.t_s + chunk.duration_s
        floor = self._note_level(chunk, end_s)
        loud = self._level > max(_QUIETEST, floor * 10 ** (_OPENS_DB / 20))
        if held_open or loud:
            self._open_until_s = end_s + _HOLD_S
        if end_s <= self._open_until_s:
            chunks = [*self._kept, chunk]
            self._kept.clear()
            return chunks
        self._kept.append(chunk)
        while self._kept[0].t_s < end_s - _PRE_ROLL_S:
            self._kept.popleft()
        return []

    def _note_level(self, chunk: AudioChunk, now_s: float) -> float:
        # Differences weigh the high end, where voices have more than rumble and hum do.
        samples = chunk.pcm.astype(np.float32)
        steps = samples[1:] - samples[:-1]
        first_step = float(samples[0]) - self._last_sample
        self._last_sample = float(samples[-1])
        power = (float(steps @ steps) + first_step**2) / len(samples)
        share = min(1.0, chunk.duration_s / _SMOOTH_S) if self._moments else 1.0
        self._level = ((1 - share) * self._level**2 + share * power) ** 0.5
        while self._moments and self._moments[-1][1] >= self._level:
            self._moments.pop()
        self._moments.append((now_s, self._level))
        while self._moments[0][0] < now_s - _FLOOR_S:
            self._moments.popleft()
        return self._moments[0][1]
