"""What is to be played, by its words: ``prompts/<language>/skills/melody.toml``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.melody.composing import Line
from heisenberg.skills.melody.scales import OCTAVE, Key
from heisenberg.skills.melody.styles import PLAIN, STYLES
from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.words import ENGLISH, read_table

NAME: Final = "melody"

_BARS: Final = 2
"""Of a line of which nobody says how long it is."""
_SIGNS: Final = {"#": " sharp ", "♯": " sharp ", "♭": " flat "}


@dataclass(frozen=True, slots=True)
class Tune:
    """As "a two-bar funk bass line in D minor": all its words must be known, or it is none."""

    line: Line

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for anything else."""
        words = load_words(language)
        for sign, name in _SIGNS.items():
            text = text.replace(sign, name)
        rest = _Rest(in_digits(bare_words(text), language))
        key = rest.take(words.key)
        bars = rest.take(words.bars)
        kind, style = rest.take_one(words.kinds), rest.take_one(words.styles) or PLAIN
        if not kind or not words.fillers.issuperset(rest.text.split()):
            raise ValueError(f"'{text}' is no tune")
        mode, root = STYLES[style].mode, STYLES[style].root
        if key is not None:
            root = (words.roots[key["root"]] + words.signs.get(key["sign"] or "", 0)) % OCTAVE
            mode = words.modes.get(key["mode"] or "", mode)
        return cls(Line(kind, style, Key(root, mode), int(bars[1]) if bars else _BARS))


class _Rest:
    """Words, of which those that are understood are taken away."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self.text)
        if found:
            self.text = f"{self.text[: found.start()]} {self.text[found.end() :]}"
        return found

    def take_one(self, names: Mapping[str, re.Pattern[str]]) -> str:
        """The name of the pattern that fits; empty if none does."""
        return next((name for name, pattern in names.items() if self.take(pattern)), "")


@dataclass(frozen=True, slots=True)
class _Words:
    key: re.Pattern[str]
    bars: re.Pattern[str]
    kinds: Mapping[str, re.Pattern[str]]
    styles: Mapping[str, re.Pattern[str]]
    roots: Mapping[str, int]
    signs: Mapping[str, int]
    modes: Mapping[str, str]
    fillers: frozenset[str]


@functools.cache
def load_words(language: str) -> _Words:
    """Read the words, once. Raises ``ConfigError``."""
    table: Mapping[str, Any] = read_table(language, NAME) or read_table(ENGLISH, NAME)
    roots = {bare_words(name): value for name, value in table["roots"].items()}
    signs = {bare_words(name): value for name, value in table["signs"].items()}
    modes = {bare_words(one): mode for mode, names in table["modes"].items() for one in names}
    leads, bars = _any_of(table["in"]), _any_of(table["bars"])
    key = (
        rf"\b(?:{leads}) (?P<root>{_any_of(roots)})(?: (?P<sign>{_any_of(signs)}))?"
        rf"(?: (?P<mode>{_any_of(modes)}))?\b"
    )
    return _Words(
        re.compile(key),
        re.compile(rf"\b(\d+) (?:{bars})\b"),
        {kind: re.compile(rf"\b(?:{_any_of(names)})\b") for kind, names in table["kinds"].items()},
        {
            style: re.compile(rf"\b(?:{_any_of(names)})\b")
            for style, names in table["styles"].items()
        },
        roots,
        signs,
        modes,
        frozenset(map(bare_words, table["fillers"])),
    )


def _patterns(names: Mapping[str, Any]) -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(rf"\b(?:{_any_of(said)})\b") for name, said in names.items()}


def _any_of(phrases: Any) -> str:
    """The longest first."""
    bare = sorted(map(bare_words, phrases), key=len, reverse=True)
    return "|".join(map(re.escape, bare))
