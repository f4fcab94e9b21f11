"""One report for one utterance, though a wake word scores high for several frames."""

from __future__ import annotations


class Debounce:
    """Tells which frame of a run of scores is to be reported.

    It is the one that makes ``run_frames`` scores in a row at or above ``threshold``: noise that
    resembles the word does so for a moment only. After it, the next report comes ``rest_frames``
    frames later at the earliest, and only if a score below the threshold came in between.
    """

    def __init__(self, threshold: float, *, run_frames: int, rest_frames: int) -> None:
        self._threshold = threshold
        self._run_frames = run_frames
        self._rest_frames = rest_frames
        self.reset()

    def reset(self) -> None:
        """Forget earlier scores."""
        self._run = 0
        self._reported = False
        self._rest = 0

    def fires(self, score: float) -> bool:
        """Whether the frame with this score is reported."""
        self._rest = max(0, self._rest - 1)
        if score < self._threshold:
            self._run = 0
            self._reported = False
            return False
        self._run += 1
        if self._reported or self._run < self._run_frames or self._rest:
            return False
        self._reported = True
        self._rest = self._rest_frames
        return True
