"""Text that strangers may have written, put into a prompt as data and not as orders.

What holds whatever a model reads: the text can't end the frame or a message, and hides nothing.
What only helps: the question stands behind it, and it is said before it that it is data. A small
model follows an order within now and then all the same (ADR 0019): offer it no tools that act while
it reads, and take nothing it says then for the user's wish.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count as numbers
from typing import Final, Self

from heisenberg.core.errors import ConfigError
from heisenberg.llm.prompts import likely_special, without_markers
from heisenberg.llm.prompts.words import read_words

MOST_TOKENS: Final = 1000
"""Of a text, unless it is said otherwise: a quarter of the usual context."""

_CHARACTERS_A_TOKEN: Final = 3
_FENCE_DIGITS: Final = 8
_HIDDEN: Final = ("Cc", "Cf", "Co", "Cs")
"""Controls, and what formats: marks of direction, signs without width, tags."""
_BREAK: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Framing:
    """The words around a document and around a tool's result, with places for ``{fence}`` (before
    and after) and ``{text}``."""

    document_words: str
    result_words: str

    @classmethod
    def load(cls, language: str) -> Self:
        """Read ``prompts/<language>``; English for a language without. Raises ``ConfigError``."""
        return cls(*(_words(language, name) for name in ("document.txt", "result.txt")))

    def document(
        self,
        text: str,
        *,
        most_tokens: int = MOST_TOKENS,
        count: Callable[[str], int] | None = None,
    ) -> str:
        """``text`` as a document that is data; what is asked about it goes behind it.

        It has at most ``most_tokens`` by ``count``, which is best the model's own; else by
        estimate.
        """
        return _framed(self.document_words, text, most_tokens, count or estimated_tokens)

    def result(
        self,
        text: str,
        *,
        most_tokens: int = MOST_TOKENS,
        count: Callable[[str], int] | None = None,
    ) -> str:
        """The same for what a tool gave: the text of a ``ToolResult``."""
        return _framed(self.result_words, text, most_tokens, count or estimated_tokens)


def harmless(text: str) -> str:
    """``text`` without what a reader would not see, and without what reads as a marker."""
    text = _BREAK.sub("\n", text)
    seen = (char for char in text if char in "\n\t" or unicodedata.category(char) not in _HIDDEN)
    text = re.sub(r"\n\s*\n", "\n\n", "".join(seen)).strip()
    return without_markers(text, likely_special)


def estimated_tokens(text: str) -> int:
    """More than there are, in any language that is written with letters."""
    return -(-len(text.encode()) // _CHARACTERS_A_TOKEN)


def _framed(words: str, text: str, most_tokens: int, count: Callable[[str], int]) -> str:
    text = _shortened(harmless(text), most_tokens, count)
    return words.replace("{fence}", _fence(text)).replace("{text}", text)


def _fence(text: str) -> str:
    """A word that is not in ``text``, the same for the same text: its prompt is then known."""
    digests = (hashlib.sha256(f"{number}{text}".encode()).hexdigest() for number in numbers())
    return next(word for digest in digests if (word := digest[:_FENCE_DIGITS]) not in text)


def _shortened(text: str, most_tokens: int, count: Callable[[str], int]) -> str:
    """As many of the first words as have at most ``most_tokens``."""
    if count(text) <= most_tokens:
        return text
    ends = [0, *(word.end() for word in re.finditer(r"\S+", text))]
    fits, too_many = 0, len(ends)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if count(f"{text[: ends[middle]]} …") <= most_tokens:
            fits = middle
        else:
            too_many = middle
    return f"{text[: ends[fits]]} …"


def _words(language: str, name: str) -> str:
    words = read_words(language, name)
    before, _, after = words.partition("{text}")
    if "{fence}" not in before or "{fence}" not in after:
        raise ConfigError(
            f"The words in {name} leave the text without a frame.",
            "Write {fence} before {text} and behind it.",
        )
    return words
