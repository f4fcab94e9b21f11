"""The fixed words of a language, which a user may edit in ``prompts/<language>/``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from heisenberg.core.word_lists import bare_words, listed

_POLITE: Final = re.compile(
    r"\b(please|thanks?( you)?|ok(ay)?|now|no|oh|all ?right|merci|s il (te|vous) plait|maintenant"
    r"|non|euh|d accord)\b"
)
_HUM: Final = re.compile(r"[mhn]+|u+h*m*|a+h+|o+h+")
"""How recognisers write sounds that are no words: "Mmm", "M. H. M.", "Uhm", "Ah"."""
_LONGEST_WORDS: Final = 8
"""Nobody ends a conversation with more."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """An apology for when something failed, and utterances that mean something by themselves."""

    apology: str
    closings: frozenset[str]
    """They end a conversation."""
    backchannels: frozenset[str] = frozenset()
    """They are said while listening, and interrupt nothing."""
    interruptions: frozenset[str] = frozenset()
    """Single words with which people do interrupt."""
    waits: frozenset[str] = frozenset()
    """They ask for time."""
    forgets: frozenset[str] = frozenset()
    """They ask that everything said be forgotten."""
    forgotten: str = ""
    """What is said when that is done."""
    not_in_documents: str = ""
    """What is said to who asks about documents that say nothing about it."""

    @classmethod
    def load(cls, language: str) -> Self:
        """Read the files; English phrases count in every language."""

        def sentence(name: str) -> str:
            return " ".join(listed(language, name) or listed("en", name))

        def phrases(name: str) -> frozenset[str]:
            lines = (*listed(language, name), *listed("en", name))
            return frozenset(bare_words(line) for line in lines)

        return cls(
            sentence("apology.txt"),
            phrases("closing.txt"),
            phrases("backchannel.txt"),
            phrases("interruption.txt"),
            phrases("wait.txt"),
            phrases("forget.txt"),
            sentence("forgotten.txt"),
            sentence("not_in_documents.txt"),
        )

    def asks_for_time(self, text: str) -> bool:
        """Whether ``text`` holds a phrase such as "give me a moment"."""
        plain = f" {bare_words(text)} "
        return any(f" {phrase} " in plain for phrase in self.waits)

    def asks_to_forget(self, text: str) -> bool:
        """Whether ``text``, the whole utterance, asks that everything said be forgotten."""
        plain = bare_words(text)
        return plain in self.forgets or " ".join(_POLITE.sub(" ", plain).split()) in self.forgets

    def interrupts(self, text: str) -> bool:
        """Whether ``text``, what was heard so far during a reply, is a wish to speak.

        Two words are, and one of those in ``interruptions``; backchannels don't count, nor does
        the same word again: recognisers write "Over. Over." for a hum.
        """
        return len(set(self._without_backchannels(text))) >= 2 or self.is_urgent(text)

    def says_anything(self, text: str) -> bool:
        """Whether ``text`` holds more than backchannels."""
        return bool(self._without_backchannels(text))

    def is_urgent(self, text: str) -> bool:
        """Whether ``text``, perhaps not yet said to its end, holds a word that interrupts."""
        words = self._without_backchannels(text)
        return self.begins_with_closing(text) or any(word in self.interruptions for word in words)

    def begins_with_closing(self, text: str) -> bool:
        """Whether ``text``, perhaps not yet said to its end, begins as a closing."""
        plain = bare_words(text)
        return any(plain == closing or plain.startswith(f"{closing} ") for closing in self.closings)

    def _without_backchannels(self, text: str) -> list[str]:
        words, rest = bare_words(text).split(), []
        longest = max((len(phrase.split()) for phrase in self.backchannels), default=0)
        at = 0
        while at < len(words):
            for length in range(longest, 0, -1):
                if " ".join(words[at : at + length]) in self.backchannels:
                    at += length
                    break
            else:
                rest += [] if _HUM.fullmatch(words[at]) else [words[at]]
                at += 1
        return rest

    def end_conversation(self, text: str) -> bool:
        """Whether ``text``, the whole utterance, is a closing.

        Case, punctuation, accents, polite additions and repetition make no difference.
        """
        plain = bare_words(text)
        bare = " ".join(_POLITE.sub(" ", plain).split())
        if not bare or len(bare.split()) > _LONGEST_WORDS:
            return plain in self.closings
        closing = "|".join(map(re.escape, sorted(self.closings)))
        return plain in self.closings or bool(re.fullmatch(rf"(?:(?:{closing})(?: |$))+", bare))
