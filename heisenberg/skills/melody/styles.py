"""What makes a style: how fast it is, its scale, and the rhythm of its bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SIXTEENTHS: Final = 16
"""In a bar: each has four beats."""

BASS: Final = "bass"
MELODY: Final = "melody"
REGISTERS: Final[Mapping[str, tuple[int, int]]] = {BASS: (33, 55), MELODY: (60, 81)}
"""From the lowest note to the highest."""


@dataclass(frozen=True, slots=True)
class Style:
    """``rhythms`` are those of bars, which take turns: lengths in sixteenths, of rests negative.
    ``root`` is what it is played in unless somebody wants another."""

    beats_a_minute: float
    mode: str
    root: int
    rhythms: tuple[tuple[int, ...], ...]


PLAIN: Final = "plain"
STYLES: Final[Mapping[str, Style]] = {
    PLAIN: Style(100, "major", 0, ((4, 2, 2, 4, 4), (2, 2, 4, 4, 4))),
    "funk": Style(104, "pentatonic", 4, ((3, 1, -2, 2, 2, 1, -1, 2, 2), (2, -1, 1, 2, 2, 3, 1, 4))),
    "jazz": Style(132, "dorian", 2, ((3, 1, 3, 1, 4, 3, 1), (4, 3, 1, 3, 1, 4))),
    "blues": Style(92, "blues", 9, ((3, 1, 3, 1, 4, 4), (-2, 2, 3, 1, 4, 4))),
    "rock": Style(120, "pentatonic", 9, ((2, 2, 2, 2, 2, 2, 4), (2, 2, 2, 2, 4, 4))),
    "classical": Style(108, "major", 7, ((4, 4, 2, 2, 2, 2), (2, 2, 2, 2, 4, 4))),
    "lullaby": Style(76, "major", 5, ((6, 2, 4, 4), (4, 4, 8))),
}
