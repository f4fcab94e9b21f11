"""Silence around spoken sentences: none at the ends of a text, short ones between sentences."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import Pcm

_AUDIBLE: Final = 100
"""50 dB below full scale; Piper's silence stays below a hundredth of that."""

_BEFORE_S: Final = 0.010
_AFTER_S: Final = 0.020
_LONGEST_GAP_S: Final = 0.25


class Trimmer:
    """Takes the sentences of one text, each with the silence around it, as they are made.

    What comes out begins at most 10 ms before the first audible sample and ends at most 20 ms
    after the last one; between two sentences at most 0.25 s of their silence is kept.
    """

    def __init__(self, rate_hz: int) -> None:
        self._before = round(_BEFORE_S * rate_hz)
        self._after = round(_AFTER_S * rate_hz)
        self._longest_gap = round(_LONGEST_GAP_S * rate_hz) - self._before - self._after
        self._held_back: int | None = None  # samples of silence since the last sound came out

    def push(self, sentence: Pcm) -> Pcm:
        """What ``sentence`` adds; empty while nothing audible was said."""
        audible = np.flatnonzero(np.abs(sentence.astype(np.int32)) > _AUDIBLE)
        if not len(audible):
            if self._held_back is not None:
                self._held_back += len(sentence)
            return sentence[:0]
        begin = max(0, int(audible[0]) - self._before)
        end = min(len(sentence), int(audible[-1]) + 1 + self._after)
        gap = 0
        if self._held_back is not None:
            gap = min(self._held_back + begin, self._longest_gap)
        self._held_back = len(sentence) - end
        return np.concatenate((np.zeros(gap, dtype=np.int16), sentence[begin:end]))
