"""Texts written as they sound, so that words that sound alike are the same.

A small recogniser spells French as it likes: "mets", "mais", "mes" and "met" are one sound. The
rules are in ``prompts/<language>/skills/sounds.toml``; a language without that file has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

from heisenberg.core.errors import ConfigError
from heisenberg.skills.words import read_table

_TABLE: Final = "sounds"
_KEPT: Final = 4096
"""Words whose sound is remembered."""
_PIECE: Final = re.compile(r"[^\s'’-]+")
_SIGNS: Final = re.compile(r"^[.,;:!?…«»“”\"()]+|[.,;:!?…«»“”\"()]+$")
_WORD: Final = re.compile(r"[^\W\d_]+")
_IN_A_TEMPLATE: Final = re.compile(r"\{[^}]*\}|['’-]|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sound:
    """``text``: as it sounds, one word for each of ``pieces``, which are where these stand in what
    was written."""

    text: str
    written: str
    pieces: Sequence[tuple[int, int]]

    def as_written(self, begin: int, end: int) -> str:
        """What is written for the words between two places of ``text``; a part of a word, as in
        "50%", is what it sounds like."""
        held = self.text[begin:end]
        if self.text[end : end + 1].strip() or not held.strip():
            return held
        first = self.text.count(" ", 0, begin)
        last = first + held.strip().count(" ")
        return self.written[self.pieces[first][0] : self.pieces[last][1]]


class Sounding:
    """How the words of one language sound."""

    def __init__(self, rules: Sequence[tuple[str, str]]) -> None:
        """``rules``: what is replaced (a regular expression) and by what, one after the other, in
        each word. Raises ``ConfigError``."""
        try:
            compiled = [(re.compile(pattern), sound) for pattern, sound in rules]
            for pattern, sound in compiled:
                pattern.sub(sound, "")  # what is put in its place may be wrong as well
        except (re.error, TypeError, ValueError) as exc:
            raise ConfigError(
                f"The rules in {_TABLE}.toml can't be used: {exc}.",
                "A rule is a regular expression and what is put in its place.",
            ) from exc

        @lru_cache(_KEPT)
        def sound_of(word: str) -> str:
            heard = word
            for pattern, sound in compiled:
                heard = pattern.sub(sound, heard)
            return heard or word

        self._sound_of = sound_of

    @classmethod
    def load(cls, language: str) -> Self | None:
        """``None`` for a language whose spelling says how it sounds. Blocks to read a file. Raises
        ``ConfigError``."""
        table: Mapping[str, Any] = read_table(language, _TABLE)
        return cls(table.get("rules", ())) if table else None

    def of(self, text: str) -> Sound:
        """``text`` as it sounds."""
        words, pieces = [], []
        for piece in _PIECE.finditer(text):
            if bare := _SIGNS.sub("", piece[0]):
                words.append(_WORD.sub(lambda found: self._sound_of(found[0].lower()), bare))
                pieces.append(piece.span())
        return Sound(" ".join(words), text, pieces)

    def of_template(self, sentence: str) -> str:
        """A sentence in hassil's notation, all that is not in slots as it sounds."""

        def sound(found: re.Match[str]) -> str:
            part = found[0]
            if part.startswith("{"):
                return part
            return self._sound_of(part.lower()) if part[0].isalpha() else " "

        return _IN_A_TEMPLATE.sub(sound, sentence)
