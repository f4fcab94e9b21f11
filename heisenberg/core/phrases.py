"""The fixed words of a language, which a user may edit in ``prompts/<language>/``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from heisenberg.core.resources import prompts_dir

_POLITE: Final = re.compile(
    r"\b(please|thanks?( you)?|ok(ay)?|now|no|oh|all ?right|merci|s il (te|vous) plait|maintenant"
    r"|non|euh|d accord)\b"
)
_LONGEST_WORDS: Final = 8
"""Nobody ends a conversation with more."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """An apology for when something failed, and the utterances that end a conversation."""

    apology: str
    closings: frozenset[str]

    @classmethod
    def load(cls, language: str) -> Self:
        """Read the files; English closings count in every language."""
        apology = _lines(language, "apology.txt") or _lines("en", "apology.txt")
        closings = (*_lines(language, "closing.txt"), *_lines("en", "closing.txt"))
        return cls(" ".join(apology), frozenset(_plain(line) for line in closings))

    def end_conversation(self, text: str) -> bool:
        """Whether ``text``, the whole utterance, is a closing.

        Case, punctuation, accents, polite additions and repetition make no difference.
        """
        plain = _plain(text)
        bare = " ".join(_POLITE.sub(" ", plain).split())
        if not bare or len(bare.split()) > _LONGEST_WORDS:
            return plain in self.closings
        closing = "|".join(map(re.escape, sorted(self.closings)))
        return plain in self.closings or bool(re.fullmatch(rf"(?:(?:{closing})(?: |$))+", bare))


def _lines(language: str, name: str) -> list[str]:
    file = prompts_dir() / language / name
    if not file.is_file():
        return []
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))
