"""The wake phrase is no part of what the user asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final


def without_wake_phrase(text: str, phrase: str) -> str:
    """What follows the wake ``phrase`` in a transcript that may begin with it.

    The phrase may be misheard, have lost its beginning, be said twice or follow some words of
    talk, which go with it. What is left begins with a capital; a text without the phrase is
    returned as it is.
    """
    call = _Call.of(phrase)
    end = call.end_in(_words(text))
    if end is None:
        return text
    rest = text[end:].lstrip(_AFTER_PHRASE)
    while (again := call.end_at_start(_words(rest))) is not None:
        rest = rest[again:].lstrip(_AFTER_PHRASE)
    return rest[:1].upper() + rest[1:]


_AFTER_PHRASE: Final = " \t\n.,;:!?…-–—\"”'»"
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PAUSE: Final = re.compile(r"\s*(?:[.,;:!?…]|$)")

_WORDS_BEFORE: Final = 8
"""The sound kept from before the wake word may hold this much talk."""

_INTERJECTIONS: Final = frozenset(
    ("hey", "hay", "hei", "hi", "eh", "ey", "oh", "ok", "okay", "hello")
)
_SHREDS: Final = frozenset(
    ("a", "i", "e", "h", "the", "he", "hes", "be", "its", "im", "each", "et", "est", "ai", "oui")
)
"""What recognisers make of a greeting whose first tenth of a second is missing."""

_HEARD: Final = {"hey jarvis": ("hr was", "hr of a", "jar was", "a jar of a", "a jar was")}
"""What Whisper wrote for the phrase, again and again, when a word followed without a pause."""


@dataclass(frozen=True, slots=True)
class _Word:
    key: str
    """Its letters, lower case and without accents."""
    end: int
    """Where it ends in the text."""
    pauses: bool
    """Whether punctuation or the end of the text follows."""
    is_last: bool


def _words(text: str) -> Sequence[_Word]:
    matches = list(_WORD.finditer(text))
    return [
        _Word(
            _letters(match.group()),
            match.end(),
            _PAUSE.match(text, match.end()) is not None,
            match is matches[-1],
        )
        for match in matches
    ]


@dataclass(frozen=True, slots=True)
class _Call:
    """A wake phrase: a greeting, which may be empty, and a name."""

    greeting: str
    name: str
    heard: tuple[str, ...]

    @classmethod
    def of(cls, phrase: str) -> _Call:
        *greeting, name = phrase.split() or [""]
        return cls(_letters("".join(greeting)), _letters(name), _HEARD.get(phrase.lower(), ()))

    def end_in(self, words: Sequence[_Word]) -> int | None:
        """Where the phrase ends in a text with these words; ``None`` when it is not there."""
        end = self.end_at_start(words)
        if end is None:
            end = self._end_of_remains(words)
        if end is not None:
            return end
        for index in range(1, min(len(words), _WORDS_BEFORE)):
            end = self._end_of_greeting_and_name(words[index:], self._is_written)
            if end is not None:
                return end
        return None

    def end_at_start(self, words: Sequence[_Word]) -> int | None:
        """Where the whole phrase, perhaps misheard, ends at the very beginning."""
        for heard in self.heard:
            count = len(heard.split())
            if " ".join(word.key for word in words[:count]) == heard:
                return words[count - 1].end
        if words and _alike(words[0].key, self.greeting + self.name) >= 0.85:
            return words[0].end
        return self._end_of_greeting_and_name(words, self._is_meant)

    def _end_of_greeting_and_name(
        self, words: Sequence[_Word], is_name: Callable[[str], bool]
    ) -> int | None:
        if len(words) < 2 or not self._greets(words[0].key):
            return None
        if is_name(words[1].key):
            return words[1].end
        if len(words) > 2 and _alike(words[1].key + words[2].key, self.name) >= 0.8:
            return words[2].end
        return None

    def _end_of_remains(self, words: Sequence[_Word]) -> int | None:
        """Where a phrase without its first sounds ends at the beginning."""
        if not words:
            return None
        first = words[0]
        if self._is_written(first.key) or (first.pauses and self._sounds_like(first.key)):
            return first.end
        name = words[1] if len(words) > 1 else first
        if name.key == self.name and name.pauses and not name.is_last:
            return name.end  # "Paige Jarvis, who wrote that?"
        if len(words) == 1 or first.key not in _SHREDS or not name.pauses:
            return None
        meant = self._is_written(name.key) or (self._sounds_like(name.key) and not name.is_last)
        return name.end if meant else None

    def _greets(self, key: str) -> bool:
        return key in _INTERJECTIONS or (
            self.greeting != "" and _alike(key, self.greeting) >= 0.75 and len(key) > 2
        )

    def _is_written(self, key: str) -> bool:
        """``Jarvis``, ``Jervis``, ``arvis``; hardly another word."""
        return (
            len(key) >= len(self.name) - 1
            and _alike(key, self.name) >= 0.7
            and _alike(_sounds(key), _sounds(self.name)) >= 0.75
        )

    def _is_meant(self, key: str) -> bool:
        """``Travis``, ``Jarve``: after a greeting, at the very beginning, it can be no other."""
        return self._is_written(key) or (_alike(key, self.name) >= 0.6 and self._sounds_like(key))

    def _sounds_like(self, key: str) -> bool:
        """``service``, ``harvest``, ``purpose`` for ``Jarvis``."""
        sounds = _sounds(self.name)
        return len(sounds) > 2 and _alike(_sounds(key), sounds) >= 0.75


def _alike(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if char.isalnum())


_SOUNDS: Final = tuple(
    (re.compile(letters), sound)
    for letters, sound in (
        ("[cst]h|g(?=[eiy])|j", "J"),
        ("ph|[bfpvw]", "F"),
        ("c(?=[eiy])|[sxz]", "S"),
        ("[ckq]|g", "K"),
        ("[dt]", "T"),
        ("m", "N"),
        ("[aeiouyh]", ""),
        (r"(.)\1+", r"\1"),
    )
)


def _sounds(letters: str) -> str:
    """The consonants of a word, those that sound alike as one: ``Jarvis`` is JRFS."""
    for pattern, sound in _SOUNDS:
        letters = pattern.sub(sound, letters)
    return letters.upper()
