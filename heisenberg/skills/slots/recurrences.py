"""Days that come again, as people say them: "every weekday", "on Mondays and Thursdays".

The words are in ``prompts/<language>/skills/moments.toml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from heisenberg.skills.words import ENGLISH, read_table

Weekdays: TypeAlias = tuple[int, ...]
"""Monday is 0."""

_EVERY_DAY: Final[Weekdays] = (0, 1, 2, 3, 4, 5, 6)
_DAYS: Final[dict[str, Weekdays]] = {
    "every_day": _EVERY_DAY,
    "every_morning": _EVERY_DAY,
    "every_evening": _EVERY_DAY,
    "workdays": _EVERY_DAY[:5],
    "weekends": _EVERY_DAY[5:],
}
"""What each list of phrases stands for."""
_HALVES: Final = {"every_morning": 0, "every_evening": 12}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The days that come again, the hour that their half of the day begins with, where that was
    said, and from where to where in the text that stands; ``is_plain`` where no words beside it
    ("except", "and") make something else of it."""

    weekdays: Weekdays
    half: int | None
    start: int
    end: int
    is_plain: bool
    words: int

    @property
    def is_long(self) -> bool:
        """ "Daily" may also stand before what is not daily: a menu of that name."""
        return self.words > 1

    def is_at_edge_of(self, text: str) -> bool:
        return not text[: self.start].strip() or not text[self.end :].strip(" .,!")

    def without(self, text: str) -> str:
        """What else is said."""
        return " ".join(f"{text[: self.start]} {text[self.end :]}".split())


def recurrence_in(text: str, language: str) -> Recurrence | None:
    """What of ``text`` says that something comes again."""
    words = load_recurrences(language)
    # As long as the text itself.
    said = text.lower().replace("-", " ").replace("’", "'")
    if found := words.phrase.search(said):
        key = words.keys[found["phrase"]]
        weekdays, half = _DAYS[key], _HALVES.get(key)
    elif found := words.days.search(said):
        weekdays = tuple(sorted({words.names[one] for one in words.name.findall(found[0])}))
        half = None
    else:
        return None
    if found["half"]:
        half = words.halves[found["half"]]
    beside = {*said[: found.start()].split()[-1:], *said[found.end() :].strip(" ,").split()[:1]}
    is_plain = words.other.isdisjoint(beside)
    return Recurrence(weekdays, half, found.start(), found.end(), is_plain, len(found[0].split()))


def days_called(name: str, language: str) -> Weekdays:
    """The days that stand before a noun, as in "weekday alarm" and "daily alarm"; none where
    ``name`` is no such."""
    words = load_recurrences(language)
    for text in (name, f"{words.each} {name}", f"{words.those} {name}"):
        found = recurrence_in(text, language)
        each_day = found is not None and found.weekdays == _EVERY_DAY and text != name
        if found is not None and not (found.without(text) or each_day or found.half is not None):
            return found.weekdays
    return ()


def said_recurrence(weekdays: Weekdays, time: str, language: str) -> str:
    """As in "every Monday and Thursday at 7:00 AM"; ``time`` is in words. It reads files, once."""
    from babel.dates import get_day_names

    said = _moments(language)["again"]["said"]
    for key in ("every_day", "workdays", "weekends"):
        if weekdays == _DAYS[key]:
            return str(said[key].format(time=time))
    names = get_day_names(locale=language)
    *firsts, last = [str(names[one]) for one in weekdays]
    days = f"{', '.join(firsts)} {said['and']} {last}" if firsts else last
    return str(said["days"].format(days=days, time=time))


@dataclass(frozen=True, slots=True)
class _Words:
    phrase: re.Pattern[str]
    keys: dict[str, str]
    """Of which list each phrase is."""
    days: re.Pattern[str]
    """Names of days, with what makes them come again."""
    name: re.Pattern[str]
    names: dict[str, int]
    halves: dict[str, int]
    """The hour that a half of the day begins with."""
    other: frozenset[str]
    each: str
    those: str


@functools.cache
def load_recurrences(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    moments = _moments(language)
    table = moments["again"]
    keys = {phrase.replace("-", " "): key for key in _DAYS for phrase in table[key]}
    singular = {name: at for at, name in enumerate(moments["weekdays"])}
    plural = {f"{name}s": at for name, at in singular.items()}
    names = {**singular, **plural}
    halves = {**dict.fromkeys(moments["morning"], 0), **dict.fromkeys(moments["afternoon"], 12)}
    joint = rf"(?:\s*,\s*|\s+(?:{_either(table['and'])})\s+)+"
    one, many = _either(names), _either(plural)
    each, those = _either(table["each"]), _either(table["those"])
    days = (
        rf"(?:{each}) (?:{one})(?:{joint}(?:{one}))*"
        rf"|(?:{those}) (?:{many})(?:{joint}(?:{many}))*"
    )
    half = rf"(?: (?P<half>{_either(halves)}))?"
    return _Words(
        _whole(rf"(?P<phrase>{_either(keys)}){half}"),
        keys,
        _whole(rf"(?:{days}){half}"),
        _whole(one),
        names,
        halves,
        frozenset(table["other"]),
        table["each"][0],
        table["those"][0],
    )


def _moments(language: str) -> Mapping[str, Any]:
    return read_table(language, "moments") or read_table(ENGLISH, "moments")


def _either(phrases: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])")
