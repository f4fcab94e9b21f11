"""Words that go on about what was asked before: agreement, correction, another of the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.slots.readings import Reading, any_words, slot_readings
from heisenberg.skills.understanding.matching import Match
from heisenberg.skills.words import SkillWords, read_table

WORDS: Final = "dialogue"

_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_MOST_WORDS: Final = 5
"""Of a value that may be any words: "and then I went home" names no place."""


class Kind(Enum):
    """What an utterance is to what was asked before."""

    NEW = auto()
    """Nothing."""
    BESIDES = auto()
    """The same of something else."""
    INSTEAD = auto()
    """Something else in its place."""
    UNDO = auto()
    CONFIRMED = auto()
    DECLINED = auto()


@dataclass(frozen=True, slots=True)
class _Words:
    """Of one language."""

    yes: frozenset[str]
    no: frozenset[str]
    undo: frozenset[str]
    instead: tuple[str, ...]
    besides: tuple[str, ...]
    after: tuple[str, ...]
    determiners: tuple[str, ...]
    """What stands before a thing and is no part of its name."""

    @classmethod
    def load(cls, language: str) -> Self:
        table = read_table(language, WORDS)

        def phrases(name: str) -> frozenset[str]:
            return frozenset(map(bare_words, table.get(name, ())))

        def longest_first(name: str) -> tuple[str, ...]:
            return tuple(sorted(table.get(name, ()), key=len, reverse=True))

        return cls(
            phrases("yes"),
            phrases("no"),
            phrases("undo"),
            longest_first("instead"),
            longest_first("besides"),
            longest_first("after"),
            longest_first("determiners"),
        )


class Following:
    """Knows the words of several languages."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Blocks to read files. Raises ``ConfigError``."""
        SkillWords.load(WORDS, languages)
        self._words = {language: _Words.load(language) for language in languages}

    def agrees(self, text: str) -> bool:
        return any(bare_words(text) in words.yes for words in self._words.values())

    def declines(self, text: str) -> bool:
        return any(bare_words(text) in words.no for words in self._words.values())

    def undoes(self, text: str) -> bool:
        return any(bare_words(text) in words.undo for words in self._words.values())

    def changed(self, text: str, last: Match) -> tuple[Kind, Match] | None:
        """``last`` with another value, where ``text`` gives one: "make it five", "and in Rome?".

        What can't be done anew in place of what was done is not corrected.
        """
        plain = text.replace("’", "'").strip(" .!?…,;:")
        first = last.language if last.language in self._words else ""
        for language in sorted(self._words, key=lambda one: one != first):
            if language != first and not last.action.sentences.get(language):
                continue
            words, same = self._words[language], replace(last, language=language)
            for kind, leads in ((Kind.INSTEAD, words.instead), (Kind.BESIDES, words.besides)):
                if kind is Kind.INSTEAD and not (last.pure or last.action.amend):
                    continue
                value = _before(_behind(plain, leads), words.after)
                if value and (match := _with_value(value, same, words.determiners)):
                    return kind, match
        return None


def going_on(match: Match, last: Match) -> Match:
    """``match`` about the same as ``last``, as far as it says nothing else: "another one at eight"
    is on the same day."""
    slots = dict(match.slots)
    for name in last.slots.keys() & slot_readings(match.action.run).keys():
        if (following := getattr(last.slots[name], "followed_by", None)) is not None:
            slots[name] = following(slots.get(name))
    return replace(match, slots=slots)


def _behind(text: str, leads: Sequence[str]) -> str:
    for lead in leads:
        words = r"[ ,]+".join(map(re.escape, lead.split()))
        end = "" if lead.endswith("'") else r"(?:[ ,:]+|$)"
        if found := re.match(rf"{words}{end}", text, re.IGNORECASE):
            return text[found.end() :]
    return ""


def _before(text: str, ends: Sequence[str]) -> str:
    low = text.lower()
    for end in ends:
        if low.endswith(f" {end}"):
            return text[: -len(end)].rstrip(" ,")
    return text


def _with_value(value: str, last: Match, determiners: Sequence[str]) -> Match | None:
    """``last`` with ``value`` in the first slot that it fits; the ones of a kind before those that
    any words fit, in which "my fern" is a fern, as sentences have it."""
    if last.action.schema is not None:
        return None
    readings = slot_readings(last.action.run)
    filled = [name for name in readings if name in last.texts]
    kinds = [name for name in filled if not _takes_words(last, name)]
    others = [name for name in _of_own_kind(readings) if name not in filled]
    words = [name for name in filled if _takes_words(last, name)]
    for name in (*kinds, *others, *(words if len(value.split()) <= _MOST_WORDS else ())):
        bare = _behind(value, determiners) or value
        said = bare if readings[name] is any_words else value
        for text in (said, _in_its_unit(said, last.texts.get(name, ""), last.language)):
            try:
                found = readings[name](text, last.language)
            except ValueError:
                continue
            slots, texts = {**last.slots, name: found}, {**last.texts, name: text}
            return going_on(replace(last, slots=slots, texts=texts), last)
    return None


def _of_own_kind(readings: Mapping[str, Reading]) -> list[str]:
    """Those that not any words fit."""
    return [name for name, reading in readings.items() if reading is not any_words]


def _takes_words(last: Match, name: str) -> bool:
    return isinstance(last.slots[name], str)


def _in_its_unit(value: str, before: str, language: str) -> str:
    """A bare number as the one before it was said: "five" after "ten minutes"."""
    number, said = (in_digits(text.lower(), language).strip() for text in (value, before))
    if not _NUMBER.search(said) or not _NUMBER.fullmatch(number):
        return value
    return _NUMBER.sub(number, said, count=1)
