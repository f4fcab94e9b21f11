"""What a model claims to have done, found before it is said.

A small model answers "Set the oven to 200 degrees" with "Sure, I've set the oven". Whoever believes
that is worse off than without an assistant.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import regex

from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import prompts_dir

_FILE: Final = "claims.toml"
_NO_LISTS: Final = ("truth", "whole", "patterns")
_FEW_WORDS: Final = r"(?:[\w'’-]+[, ]+){0,6}?"
_BEFORE: Final = (
    r"(?<![\w'’])(?<!\b(?:if|when|whenever|once|until|unless|before|after|whether|sure|ensure|that"
    r"|what|how|where|si|quand|lorsque|que|dès que) )"
)
"""Neither in the middle of a word, nor under a condition."""
_SENTENCE: Final = regex.compile(r"[.!?…\n]\s")
_MOST: Final = 400
"""Characters that are looked at: no claim is longer."""


@dataclass(frozen=True, slots=True)
class Claims:
    """How claims are worded, and what is said in their place; nothing where a language has none."""

    pattern: regex.Pattern[str] | None
    truth: str

    @classmethod
    def load(cls, *languages: str) -> Self:
        """Of all of ``languages``, since a model may answer in any; the truth is told in the first.

        Reads files. Raises ``ConfigError``.
        """
        found = [one for one in map(_load, languages) if one is not None]
        if not found:
            return cls(None, "")
        return cls(_either([pattern for pattern, _ in found]), found[0][1])

    def watch(self) -> ClaimWatch:
        """For one reply."""
        return ClaimWatch(self)


NO_CLAIMS: Final = Claims(None, "")
"""Whatever is said is let pass."""


class ClaimWatch:
    """Lets a reply pass as it comes, but for what may yet become a claim.

    ``caught``: there was one. It and what follows it are never given out.
    """

    def __init__(self, claims: Claims) -> None:
        self._pattern = claims.pattern
        self._text = ""
        self._given = 0
        self.caught = False

    def push(self, piece: str) -> str:
        """The part of the reply that can be said now, with the next ``piece`` of it."""
        if self._pattern is None:
            return piece
        if not self.caught:
            self._text += piece
            return self._passed(self._pattern)
        return ""

    def flush(self) -> str:
        """The rest, now that nothing follows."""
        # What only the end of a sentence makes a claim has that now.
        last = "" if self._pattern is None else self.push("\n")
        rest = "" if self.caught else self._text[self._given :]
        self._text, self._given = "", 0
        return f"{last}{rest}".removesuffix("\n")

    def _passed(self, pattern: regex.Pattern[str]) -> str:
        found = pattern.search(self._text)
        begins = found or pattern.search(self._text, partial=True)
        end = len(self._text) if begins is None else max(self._given, begins.start())
        released = self._text[self._given : end]
        self._given = end
        # The last word may go on: "vol" as "volontiers".
        self.caught = found is not None and found.end() < len(self._text)
        self._shorten()
        return released

    def _shorten(self) -> None:
        """Forget sentences that were given out."""
        for end in regex.finditer(_SENTENCE, self._text[: self._given], overlapped=True):
            if end.end() <= self._given:
                cut = end.end()
                self._text, self._given = self._text[cut:], self._given - cut
                self._shorten()
                return
        if len(self._text) > _MOST:
            cut = min(self._given, len(self._text) - _MOST)
            self._text, self._given = self._text[cut:], self._given - cut


@functools.cache
def _load(language: str) -> tuple[str, str] | None:
    """What a claim looks like, and the truth."""
    file = prompts_dir() / language / _FILE
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        pattern, truth = _worded(table), str(table["truth"])
        _either([pattern])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, regex.error) as exc:
        raise ConfigError(f"The words in {file} can't be used: {exc}.", "Correct them.") from exc
    return pattern, truth


def _either(patterns: Sequence[str]) -> regex.Pattern[str]:
    return regex.compile("|".join(patterns), regex.IGNORECASE)


def _worded(table: Mapping[str, Any]) -> str:
    lists = {name: _one_of(words) for name, words in table.items() if name not in _NO_LISTS}
    said_first = rf"(?:{lists['interjection']}[,.!]+ )*"
    wholes = rf"(?:^|(?<=[.!?\n] ?)){said_first}{_one_of(table['whole'])}[.!,\n]"
    claims = "|".join(_pattern(text, lists) for text in table["patterns"])
    return rf"{wholes}|{_BEFORE}{said_first}(?:{claims})"


def _pattern(text: str, lists: Mapping[str, str]) -> str:
    for name, words in lists.items():
        text = text.replace(f"{{{name}}}", words)
    return text.replace("'", "['’]").replace(" ... ", f" {_FEW_WORDS}").replace("...", _FEW_WORDS)


def _one_of(words: Sequence[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return rf"(?:{'|'.join(regex.escape(word) for word in longest_first)})(?!\w)"
