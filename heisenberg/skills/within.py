"""Slots whose words can be told from those around them, wherever they stand in what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, get_type_hints

from heisenberg.skills.base import Run
from heisenberg.skills.slots import Reading, slot_readings

_MOST_WORDS: Final = 8


def slots_within(run: Run, text: str, language: str) -> Mapping[str, str]:
    """The words of ``text`` that stand for those slots of ``run`` of which there can be no doubt:
    of each the most that fit it, the first of equally many; nothing where none do."""
    hints = get_type_hints(run)
    words = text.strip(" .!?").split()
    found = {}
    for name, reading in slot_readings(run).items():
        if not _stands_out(hints.get(name, str)):
            continue
        found[name] = ""
        for size in range(min(_MOST_WORDS, len(words)), 0, -1):
            spans = (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
            if span := next((one for one in spans if _fits(one, reading, language)), None):
                found[name] = span.strip(",;:")
                break
    return found


def _stands_out(kind: type) -> bool:
    """Whether words of that kind can be told from those around them."""
    return kind is timedelta or getattr(kind, "STANDS_OUT", False)


def _fits(text: str, reading: Reading, language: str) -> bool:
    try:
        reading(text, language)
    except ValueError:
        return False
    return True
