"""Keys, and which notes are in them; a note is its number in MIDI (60 is the middle C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OCTAVE: Final = 12
_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_STEPS: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "pentatonic": (0, 3, 5, 7, 10),
}
"""Semitones above the root."""


@dataclass(frozen=True, slots=True)
class Key:
    """``root`` is so many semitones above a C, ``mode`` the name of a scale."""

    root: int
    mode: str

    @property
    def name(self) -> str:
        """As "D minor"."""
        return f"{_NAMES[self.root]} {self.mode}"

    @property
    def names(self) -> Sequence[str]:
        """Those of its notes, the root's first."""
        return [_NAMES[(self.root + step) % OCTAVE] for step in _STEPS[self.mode]]


def nearest(name: str, before: int, low: int, high: int) -> int:
    """The note of that ``name`` from ``low`` to ``high``, at least an octave apart, that lies
    nearest to ``before``; of two as near, the higher."""
    root = _NAMES.index(name)
    fitting = [note for note in range(low, high + 1) if note % OCTAVE == root]
    return min(fitting, key=lambda note: (abs(note - before), -note))


def name_of(note: int) -> str:
    """Without its octave."""
    return _NAMES[note % OCTAVE]
