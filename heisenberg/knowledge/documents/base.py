"""What a reader makes of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEADING_SEPARATOR: Final = " > "


class Unreadable(Exception):
    """A file that can't be read. The text says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Block:
    """What belongs together, such as a paragraph or code; ``line`` is its first one, from 1.

    ``fence`` is what opens and closes it where it is fenced code, else empty.
    """

    line: int
    text: str
    fence: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under a heading, without what stands under headings below that.

    ``heading`` is the path of headings that lead there, and may be empty.
    """

    heading: str
    blocks: Sequence[Block]


class HeadingPath:
    """The path of headings while a document is read from top to bottom."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> str:
        """The path below a heading; one of a lower ``level`` stands above it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, " ".join(title.split())))
        return HEADING_SEPARATOR.join(title for _, title in self._open if title)
