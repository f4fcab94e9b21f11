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
    """The days that come again, and the hour that their half of the day begins with, where that was
    said; ``rest`` is what else was said."""

    weekdays: Weekdays
    half: int | None
    rest: str


def recurrence_in(text: str, language: str) -> Recurrence | None:
    """What of ``text``, in lower case and without hyphens, says that something comes again."""
    words = load_recurrences(language)
    if found := words.phrase.search(text):
        key = words.keys[found[0]]
        return Recurrence(_DAYS[key], _HALVES.get(key), _without(text, found))
    if found := words.days.search(text):
        named = {words.names[one] for one in words.name.findall(found[0])}
        return Recurrence(tuple(sorted(named)), None, _without(text, found))
    return None


def days_called(name: str, language: str) -> Weekdays:
    """The days that stand before a noun, as in "weekday alarm" and "daily alarm"; none where
    ``name`` is no such."""
    for text in (name.lower(), f"{load_recurrences(language).each} {name.lower()}"):
        found = recurrence_in(text, language)
        if found is not None and not found.rest:
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
    each: str


@functools.cache
def load_recurrences(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    moments = _moments(language)
    table = moments["again"]
    keys = {phrase.replace("-", " "): key for key in _DAYS for phrase in table[key]}
    singular = {name: at for at, name in enumerate(moments["weekdays"])}
    plural = {f"{name}s": at for name, at in singular.items()}
    names = {**singular, **plural}
    joint = rf"(?:\s*,\s*|\s+(?:{_either(table['and'])})\s+)+"
    one, many = _either(names), _either(plural)
    each, those = _either(table["each"]), _either(table["those"])
    days = (
        rf"(?:{each}) (?:{one})(?:{joint}(?:{one}))*"
        rf"|(?:(?:{those}) )?(?:{many})(?:{joint}(?:{many}))*"
    )
    return _Words(_whole(_either(keys)), keys, _whole(days), _whole(one), names, table["each"][0])


def _moments(language: str) -> Mapping[str, Any]:
    return read_table(language, "moments") or read_table(ENGLISH, "moments")


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}".strip()


def _either(phrases: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{pattern})(?![\w'])")
