"""How fast sound may come: a microphone's comes as it is spoken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from heisenberg.core.errors import InputError

_AHEAD_S: Final = 15.0
"""So much may come at once: what was kept from before, or while the network stood still."""
_FASTER: Final = 1.1
"""Clocks differ a little."""


class Pace:
    """Lets through what a microphone can have heard."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._then_s = now_s()
        self._left_s = _AHEAD_S

    def note(self, seconds: float) -> None:
        """So much sound came. Raises ``InputError`` when that is too much."""
        now_s = self._now_s()
        self._left_s = min(_AHEAD_S, self._left_s + _FASTER * (now_s - self._then_s)) - seconds
        self._then_s = now_s
        if self._left_s < 0:
            raise InputError(
                "The sound comes faster than a microphone's.", "Send it as it is spoken."
            )
