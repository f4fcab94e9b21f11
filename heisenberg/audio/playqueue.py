"""Sound waiting for a speaker."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

import numpy as np

from heisenberg.audio.base import Pcm, Playback
from heisenberg.audio.fader import Fader

CAPACITY_S: Final = 2.0
"""A speaker is full when so much is waiting."""


class PlayQueue:
    """Filled by a sink, emptied by a sound card's callback, which runs on a thread of its own."""

    def __init__(self, rate_hz: int, fader: Fader | None = None) -> None:
        self.fader = fader or Fader()
        self._rate_hz = rate_hz
        self._parts: deque[Pcm] = deque()
        self._waiting = 0
        self._played = 0
        self._lock = threading.Lock()

    @property
    def waiting_s(self) -> float:
        """Seconds of sound that have not been taken yet."""
        return self._waiting / self._rate_hz

    @property
    def full(self) -> bool:
        return self.waiting_s > CAPACITY_S

    def push(self, pcm: Pcm) -> None:
        with self._lock:
            if len(pcm):
                self._parts.append(pcm)
                self._waiting += len(pcm)

    def take(self, samples: int) -> Pcm:
        """The next ``samples`` to play; silence fills what is missing."""
        with self._lock:
            parts: list[Pcm] = []
            missing = samples
            while missing and self._parts:
                pcm = self._parts.popleft()
                parts.append(pcm[:missing])
                if len(pcm) > missing:
                    self._parts.appendleft(pcm[missing:])
                missing -= len(parts[-1])
            self._waiting -= samples - missing
            self._played += samples - missing
            out = np.concatenate([*parts, np.zeros(missing, dtype=np.int16)])
            return self.fader.apply(out, self._rate_hz)

    def end(self) -> Playback:
        """Drop what waits and begin to count anew; tells what was played since the last time."""
        with self._lock:
            playback = Playback(self._played / self._rate_hz, interrupted=self._waiting > 0)
            self._parts.clear()
            self._waiting = self._played = 0
            return playback
