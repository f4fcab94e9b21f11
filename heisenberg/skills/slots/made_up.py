"""Whether a model has made up what it put into slots."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, get_type_hints

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.base import Run
from heisenberg.skills.slots.near import is_near
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.slots.readings import slots_needed
from heisenberg.skills.slots.within import stands_out

_TELLING: Final = 4
"""Letters: shorter words are in every sentence."""
_NUMBER: Final = re.compile(r"\d+")


def are_made_up(run: Run, texts: Mapping[str, str], text: str, language: str) -> bool:
    """Whether a slot that ``run`` needs, of a kind that is taken as it is said, has words in
    ``texts`` most of which are not of ``text``; another form of a word is the same one. Or a number
    that is not there: unless the time, which it will be of, was found elsewhere. Of a kind with
    ``FEWEST_SAID``, whether fewer of its numbers are there."""
    hints = get_type_hints(run)
    said = bare_words(text).split()
    numbers = Counter(_NUMBER.findall(in_digits(text.lower(), language)))
    timed = any(texts.get(name) for name, kind in hints.items() if stands_out(kind))
    for name in slots_needed(run):
        kind = hints.get(name, str)
        if kind is str or getattr(kind, "AS_SAID", False):
            words = bare_words(texts[name]).split()
            words = [word for word in words if len(word) >= _TELLING] or words
            found = sum(any(is_near(one, other) for other in said) for one in words)
            if 2 * found <= len(words):
                return True
            if not timed and not numbers.keys() >= set(_NUMBER.findall(texts[name])):
                return True
        said_too = numbers & Counter(_NUMBER.findall(texts[name]))
        if said_too.total() < getattr(kind, "FEWEST_SAID", 0):
            return True
    return False
