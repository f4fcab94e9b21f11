"""Whether a microphone has heard nothing worth hurrying for lately."""

from __future__ import annotations

from typing import Final

from heisenberg.audio.base import Pcm

_LONG_S: Final = 3.0
"""Longer than any pause within what somebody says."""
_LOUD: Final = 2.0
"""So many times the floor is not quiet any more; the peaks of noise differ by half of it."""
_INAUDIBLE: Final = 8.0
_FLOOR_RISE_PER_S: Final = 1.3
"""Pauses between words bring it down again; a gap in the sound must not for long."""


class Quiet:
    """Compares peaks with the lowest of late; it may err, since it only decides about haste."""

    def __init__(self) -> None:
        self._floor = float("inf")
        self._quiet_s = 0.0

    @property
    def is_long(self) -> bool:
        return self._quiet_s >= _LONG_S

    def note(self, pcm: Pcm, duration_s: float) -> None:
        """The next ``pcm``, which lasts ``duration_s``."""
        peak = float(max(int(pcm.max()), -int(pcm.min())))
        if peak > 0.0:
            lowest = min(peak, self._floor * _FLOOR_RISE_PER_S**duration_s)
            self._floor = max(_INAUDIBLE, lowest)
        if peak > _LOUD * self._floor:
            self._quiet_s = 0.0
        else:
            self._quiet_s += duration_s
