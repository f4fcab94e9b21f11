"""From the pieces a language model writes to the clauses a voice speaks."""

from __future__ import annotations

from typing import Final, NamedTuple

from heisenberg.tts.boundaries import Boundary, Word, boundary, may_cut_between
from heisenberg.tts.constructs import OpenConstruct
from heisenberg.tts.fences import BREAK, CodeFences
from heisenberg.tts.languages import spoken_language
from heisenberg.tts.speakable import speakable_clause


class ClauseSplitter:
    """Cuts one reply into clauses fit to be spoken, each as early as it can be told.

    The first clause is short, so that sound comes soon; each later one may be longer, since its
    text is written while the one before it sounds. A clause ends at the end of a sentence when it
    is long enough, else at a comma or the like, else in front of a conjunction or preposition,
    and never within a number, an abbreviation, an address, a link or a code span. How the reply
    was cut into pieces makes no difference. The clauses together hold the words of
    ``speakable(reply)`` in their order; none is empty. A character costs the same wherever in
    the reply it stands.
    """

    def __init__(self, language: str) -> None:
        """``language`` is the ISO 639-1 code of the reply."""
        self._language = language
        self._spoken = spoken_language(language)
        self._fences = CodeFences(self._spoken.code_note)
        self._construct = OpenConstruct()
        self._ready: list[str] = []
        self._limits = iter(_LIMITS)
        self._limit = next(self._limits)

        self._text = ""
        """The complete words of the clause, as they were written."""
        self._chars = 0
        self._words = 0
        """How much of it will be spoken."""
        self._last = Word("")
        self._gap = "\n"
        """What follows the last word: a blank, or one or two line breaks."""
        self._word = ""
        """The word that is being written; empty between words."""

    def push(self, piece: str) -> list[str]:
        """Take the next piece of the reply; return the clauses that are complete now."""
        for char in piece:
            for passed in self._fences.push(char):
                self._take(passed)
        return self._collect()

    def flush(self) -> list[str]:
        """The reply is written to its end: return what is left of it."""
        for char in self._fences.flush():
            self._take(char)
        self._end_word()
        self._emit()
        return self._collect()

    def _take(self, char: str) -> None:
        self._construct.take(char)
        if not self._construct.is_open and char.isspace() and char not in _NO_BREAK:
            self._end_word()
            if char == BREAK:
                self._emit(ends_line=True)
            if char in (BREAK, "\n"):
                self._gap = "\n\n" if "\n" in self._gap else "\n"
            else:
                self._gap = self._gap or " "
            return
        if len(self._word) == _LONGEST_WORD:
            self._end_word()
        if not self._word:
            self._cut_before(char)
        self._word += char

    def _cut_before(self, char: str) -> None:
        """End the clause, if it should, where the next word begins with ``char``."""
        if not self._text:
            return
        kind = boundary(self._last, self._gap, char, self._spoken)
        between_words = self._last.text[-1].isalpha() and char.isalpha()
        if (
            (kind is Boundary.SENTENCE and self._is_long(self._limit.sentence))
            or (kind is Boundary.PHRASE and self._is_long(self._limit.phrase))
            or self._chars >= (self._limit.longest if between_words else 2 * self._limit.longest)
        ):
            self._emit(ends_line=kind is Boundary.SENTENCE and "\n" in self._gap)

    def _end_word(self) -> None:
        if not self._word:
            return
        word = Word(self._word, self._last.text, "\n" in self._gap)
        if self._chars >= self._limit.joint and may_cut_between(
            word.before, word.text, self._spoken
        ):
            self._emit()
        self._text += self._gap + word.text if self._text else word.text
        chars = _spoken_chars(word.text)
        self._chars += chars
        self._words += chars > 0
        self._last = word
        self._word = self._gap = ""

    def _is_long(self, chars: int) -> bool:
        return self._chars >= chars or self._words >= self._limit.words

    def _emit(self, *, ends_line: bool = False) -> None:
        clause = speakable_clause(self._text + "\n" * ends_line, self._language)
        if clause:
            self._ready.append(clause)
            self._limit = next(self._limits, self._limit)
        self._text = ""
        self._chars = self._words = 0
        self._last = Word("")

    def _collect(self) -> list[str]:
        ready, self._ready = self._ready, []
        return ready


class _Limit(NamedTuple):
    """From how many spoken characters on a clause may end, by what it ends at."""

    sentence: int
    phrase: int
    joint: int
    longest: int
    words: int = 1000
    """This many words will do for a sentence or phrase, too."""


# At 15 characters a second of speech, each clause buys the time in which the next is written.
_LIMITS: Final = (
    _Limit(12, 12, 45, 75, words=3),
    _Limit(40, 50, 110, 160),
    _Limit(80, 100, 140, 190),
    _Limit(120, 120, 150, 200),  # a voice needs 10 MB and more for each second made in one go
)

_NO_BREAK: Final = "\u00a0\u202f\u2009"
_ADDRESS_CHARS: Final = 20

_LONGEST_WORD: Final = 4000
"""No word, no link is longer; what is must be cut somewhere."""


def _spoken_chars(word: str) -> int:
    """About how many characters of ``word`` are spoken, the blank after it included."""
    if not any(map(str.isalnum, word)):
        return 0
    label, is_link, _ = word.partition("](")
    if not is_link and "://" in word:
        return _ADDRESS_CHARS
    return len(label.strip("*_`#|>~[]!")) + 1
