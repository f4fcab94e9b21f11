"""One report for one utterance, though a wake word scores high for several frames."""

from __future__ import annotations

from typing import Final

_HIGH: Final = 0.95
"""A score that hardly rises further: there is nothing to wait for."""
_RISING: Final = 0.5
"""Scores below this come before the word has ended; they don't make a sure one sooner."""
_PATIENCE_FRAMES: Final = 3
"""A lower one is reported when it falls again, or after so many more frames."""


class Debounce:
    """Tells when a run of scores is reported, and with which score.

    A run is ``run_frames`` scores in a row at or above a threshold: noise that resembles the word
    does so for a moment only. It is reported with its highest score so far. After a report the next
    comes ``rest_frames`` frames later at the earliest, and only if a score below the threshold came
    in between; but a high one may follow a low one at once, which then was something else.
    """

    def __init__(self, *, run_frames: int, rest_frames: int) -> None:
        self._run_frames = run_frames
        self._rest_frames = rest_frames
        self.reset()

    def reset(self) -> None:
        """Forget earlier scores."""
        self._run = 0
        self._risen = 0
        self._highest = 0.0
        self._reported = False
        self._rest = 0
        self._rests_from = 0.0

    def rest(self, score: float) -> None:
        """Something was reported with this score: nothing is for ``rest_frames``."""
        self._rest = self._rest_frames
        self._rests_from = score

    def push(self, score: float, threshold: float) -> float | None:
        """Take the next frame's score; returns the one to report with this frame, if any."""
        self._rest = max(0, self._rest - 1)
        if score >= threshold:
            self._run += 1
            self._risen += score >= _RISING
            self._highest = max(self._highest, score)
            sure = self._highest >= _HIGH and self._risen >= self._run_frames
            waited = self._run >= self._run_frames + _PATIENCE_FRAMES
            return self._report() if sure or waited else None
        found = self._report()
        self._run = self._risen = 0
        self._highest = 0.0
        self._reported = False
        return found

    def _report(self) -> float | None:
        surer = self._highest >= _HIGH > self._rests_from
        if self._run < self._run_frames or ((self._reported or self._rest) and not surer):
            return None
        self._reported = True
        self.rest(self._highest)
        return self._highest
