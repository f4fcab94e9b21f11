"""A system's clock that tests move, and set."""

from __future__ import annotations


class ScriptedClock:
    """``now_s`` is what people read off it, in UTC; ``elapsed_s`` only goes on."""

    def __init__(self, now_s: float = 1_800_000_000.0) -> None:
        self._now_s = now_s
        self._elapsed_s = 1000.0
        self._boots = 1

    def now_s(self) -> float:
        return self._now_s

    def elapsed_s(self) -> float:
        return self._elapsed_s

    @property
    def boot(self) -> str:
        """The name of this start of the machine."""
        return f"boot {self._boots}"

    def pass_s(self, seconds: float) -> None:
        """Time passes."""
        self._now_s += seconds
        self._elapsed_s += seconds

    def set_by(self, seconds: float) -> None:
        """Somebody sets it."""
        self._now_s += seconds

    def restart(self) -> None:
        """The machine is started anew."""
        self._elapsed_s = 3.0
        self._boots += 1
