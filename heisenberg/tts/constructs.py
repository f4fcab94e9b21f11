"""Links and code spans, recognised while they are being written."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

_LONGEST_LABEL: Final = 200
_LONGEST_TARGET: Final = 2000


class OpenConstruct:
    """Tells, character by character, whether a blank belongs to a link or a code span.

    A construct that is not closed on its line, or not within a bounded length, is none.
    """

    def __init__(self) -> None:
        self._kind = _Kind.NONE
        self._chars = 0
        self._depth = 0
        self._ticks = 0
        """Backticks that opened the code span."""
        self._run = 0
        """Backticks just met."""

    @property
    def is_open(self) -> bool:
        """Whether the last character lies within a construct."""
        return self._kind in (_Kind.CODE, _Kind.LABEL, _Kind.TARGET)

    def take(self, char: str) -> None:
        if char in "\n\f":
            self._kind, self._run = _Kind.NONE, 0
            return
        self._chars += 1
        if char == "`" and self._kind in (_Kind.NONE, _Kind.CODE, _Kind.LABEL_ENDED):
            self._run += 1
            return
        if self._run:
            self._end_run()
        if self._kind is _Kind.LABEL_ENDED:
            self._open(_Kind.TARGET if char == "(" else _Kind.NONE)
        elif self._kind is _Kind.LABEL:
            self._nest(char, "[]", _Kind.LABEL_ENDED)
        elif self._kind is _Kind.TARGET:
            self._nest(char, "()", _Kind.NONE)
        if self._kind is _Kind.NONE and char == "[":
            self._open(_Kind.LABEL)
        limit = _LONGEST_TARGET if self._kind is _Kind.TARGET else _LONGEST_LABEL
        if self._chars > limit:
            self._kind = _Kind.NONE

    def _open(self, kind: _Kind) -> None:
        self._kind, self._chars, self._depth = kind, 0, 1

    def _nest(self, char: str, brackets: str, after: _Kind) -> None:
        self._depth += (char == brackets[0]) - (char == brackets[1])
        if self._depth == 0:
            self._kind = after

    def _end_run(self) -> None:
        if self._kind is not _Kind.CODE:
            self._ticks = self._run
            self._open(_Kind.CODE)
        elif self._run == self._ticks:
            self._kind = _Kind.NONE
        self._run = 0


class _Kind(Enum):
    NONE = auto()
    CODE = auto()
    LABEL = auto()
    LABEL_ENDED = auto()
    TARGET = auto()
