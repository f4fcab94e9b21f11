"""Slots whose words can be told from those around them, wherever they stand in what was said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, get_type_hints

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.base import Run
from heisenberg.skills.slots.near import is_near
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.slots.readings import Reading, slot_readings, slots_needed

_MOST_WORDS: Final = 8
_TELLING: Final = 4
"""Letters: shorter words are in every sentence."""
_NUMBER: Final = re.compile(r"\d+")


def slots_within(run: Run, text: str, language: str) -> Mapping[str, str]:
    """The words of ``text`` that stand for those slots of ``run`` of which there can be no doubt:
    of each the most that fit it, the first of equally many; nothing where none do.

    A kind of slot that has a ``read_day`` may have its day apart: "Tomorrow I'm busy, so ring at
    five" is "Tomorrow at five".
    """
    hints = get_type_hints(run)
    words = text.strip(" .!?").split()
    found = {}
    for name, reading in slot_readings(run).items():
        kind = hints.get(name, str)
        if not _stands_out(kind):
            continue
        start, end = _longest(words, reading, language)
        found[name] = _joined(words[start:end])
        read_day: Reading | None = getattr(kind, "read_day", None)
        if read_day is not None and found[name] and not _fits(found[name], read_day, language):
            for rest in (words[:start], words[end:]):
                day = _joined(rest[slice(*_longest(rest, read_day, language))])
                if day and _fits(f"{day} {found[name]}", reading, language):
                    found[name] = f"{day} {found[name]}"
                    break
    return found


def are_made_up(run: Run, texts: Mapping[str, str], text: str, language: str) -> bool:
    """Whether a slot that ``run`` needs, of a kind that is taken as it is said, has words in
    ``texts`` most of which are not of ``text``; another form of a word is the same one. Or a number
    that is not there: unless the time, which it will be of, was found elsewhere."""
    hints = get_type_hints(run)
    said = bare_words(text).split()
    numbers = set(_NUMBER.findall(in_digits(text.lower(), language)))
    timed = any(texts.get(name) for name, kind in hints.items() if _stands_out(kind))
    for name in slots_needed(run):
        kind = hints.get(name, str)
        if kind is str or getattr(kind, "AS_SAID", False):
            words = bare_words(texts[name]).split()
            words = [word for word in words if len(word) >= _TELLING] or words
            found = sum(any(is_near(one, other) for other in said) for one in words)
            if 2 * found <= len(words):
                return True
            if not timed and not numbers.issuperset(_NUMBER.findall(texts[name])):
                return True
    return False


def _stands_out(kind: type) -> bool:
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
