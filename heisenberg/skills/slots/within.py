"""Slots whose words can be told from those around them, wherever they stand in what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, get_type_hints

from heisenberg.skills.base import Run
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.slots.readings import Reading, slot_readings

_MOST_WORDS: Final = 10


def slots_within(run: Run, text: str, language: str) -> Mapping[str, str]:
    """The words of ``text`` that stand for those slots of ``run`` of which there can be no doubt:
    of each the most that fit it, the first of equally many; nothing where none do.

    A kind that ``HOLDS_NUMBERS`` is left to others where none fit, or some are not in it.

    A kind of slot that has a ``read_day`` may have its day apart: "Tomorrow I'm busy, so ring at
    five" is "Tomorrow at five".
    """
    hints = get_type_hints(run)
    words = text.strip(" .!?").split()
    found = {}
    for name, reading in slot_readings(run).items():
        kind = hints.get(name, str)
        if not stands_out(kind):
            continue
        start, end = _longest(words, reading, language)
        if getattr(kind, "HOLDS_NUMBERS", False):
            others = in_digits(" ".join(words[:start] + words[end:]), language)
            if start == end or any(char.isdigit() for char in others):
                continue
        found[name] = _joined(words[start:end])
        read_day: Reading | None = getattr(kind, "read_day", None)
        if read_day is not None and found[name] and not _fits(found[name], read_day, language):
            for rest in (words[:start], words[end:]):
                day = _joined(rest[slice(*_longest(rest, read_day, language))])
                if day and _fits(f"{day} {found[name]}", reading, language):
                    found[name] = f"{day} {found[name]}"
                    break
    return found


def stands_out(kind: type) -> bool:
    """Whether words of that kind can be told from those around them."""
    return kind is timedelta or getattr(kind, "STANDS_OUT", False)


def _longest(words: Sequence[str], reading: Reading, language: str) -> tuple[int, int]:
    """Where the most words that ``reading`` takes begin and end; the same where there are none."""
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            if _fits(_joined(words[at : at + size]), reading, language):
                return at, at + size
    return 0, 0


def _joined(words: Sequence[str]) -> str:
    return " ".join(words).strip(",;:")


def _fits(text: str, reading: Reading, language: str) -> bool:
    try:
        reading(text, language)
    except ValueError:
        return False
    return True
