"""How long a user pauses in the middle of what they say, learned from the pauses they make."""

from __future__ import annotations

from typing import Final

_SHARE: Final = 0.9
"""This part of the pauses should be waited out."""
_STEP_S: Final = 0.1


class Patience:
    """The pause that nine in ten of the user's are shorter than.

    A quantile by stochastic approximation: each longer pause moves it up, each shorter one moves
    it down, nine times less. Old pauses are forgotten as new ones come.
    """

    def __init__(self, pause_s: float, *, at_least_s: float, at_most_s: float) -> None:
        """``pause_s`` is what to begin with."""
        self._pause_s = pause_s
        self._at_least_s = at_least_s
        self._at_most_s = max(at_least_s, at_most_s)

    @property
    def pause_s(self) -> float:
        return self._pause_s

    def note(self, pause_s: float) -> None:
        """The user went on after ``pause_s`` of silence."""
        up = pause_s > self._pause_s
        moved_s = self._pause_s + _STEP_S * (_SHARE if up else _SHARE - 1.0)
        self._pause_s = min(self._at_most_s, max(self._at_least_s, moved_s))
