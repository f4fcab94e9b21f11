"""What lists and their items are called: ``prompts/<language>/skills/lists.toml``."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.words import ENGLISH, read_table

NAME: Final = "lists"

_MOST_WORDS: Final = 4
"""Of a list's name."""
_LONGEST_ITEM: Final = 200
_ALIKE: Final = 0.8
"""Names that are so much alike are the same, misheard."""


@dataclass(frozen=True, slots=True)
class ListName:
    """What a list was called by whoever asked."""

    said: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what can't be a name, and for a list of something, as "la liste
        des présidents", unless everybody has one of these."""
        names, name = load_names(language), without_article(text, language)
        if names.of.match(text) and not any(
            bare_words(name) in kind.names for kind in names.kinds.values()
        ):
            raise ValueError("this is no list of ours")
        if not 0 < len(bare_words(name).split()) <= _MOST_WORDS:
            raise ValueError("this can't be a name")
        return cls(name)

    def followed_by(self, other: ListName | None) -> ListName:
        """The same list, unless another one is named."""
        return other or self


UNNAMED: Final = ListName("")
"""Just "the list"."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to go on a list, or off it."""

    AS_SAID: ClassVar[bool] = True
    text: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for "it" and the like."""
        thing = without_article(text, language)
        if not thing or len(thing) > _LONGEST_ITEM or bare_words(text) in load_names(language).it:
            raise ValueError("what?")
        return cls(thing)

    def parts(self, language: str) -> Sequence[str]:
        """The single things in "milk, eggs and bread"."""
        parts = load_names(language).joint.split(self.text)
        return [part for one in parts if (part := without_article(one, language))]


@dataclass(frozen=True, slots=True)
class Kind:
    """A list that everybody has: its file, how it is spoken of, and what else it is called.
    ``is_sentences``: what is on it are no single words, and "and" does not part them."""

    title: str
    said: str
    names: frozenset[str]
    is_sentences: bool


@dataclass(frozen=True, slots=True)
class _Names:
    kinds: Mapping[str, Kind]
    usual: str
    """Of the kinds, that which is meant where none is named."""
    articles: re.Pattern[str]
    of: re.Pattern[str]
    """What stands before the things that a list is a list of."""
    joint: re.Pattern[str]
    it: frozenset[str]
    """What stands for something that was named before."""
    notes: str
    """The file of the notes."""


def without_article(text: str, language: str) -> str:
    """``text`` without "the" or "some" before it."""
    plain = text.strip(" ,.;:")
    article = load_names(language).articles.match(plain)
    return plain[article.end() :].strip(" ,.;:") if article else plain


def most_like(name: str, names: Iterable[str]) -> str | None:
    """Which of ``names`` may be ``name``, a little misheard."""
    asked = bare_words(name)
    found = {bare_words(one): one for one in names}
    if asked in found:
        return found[asked]
    near = difflib.get_close_matches(asked, found, n=1, cutoff=_ALIKE)
    return found[near[0]] if near else None


@functools.cache
def load_names(language: str) -> _Names:
    """Read the words, once. Raises ``ConfigError``."""
    table: Mapping[str, Any] = read_table(language, NAME) or read_table(ENGLISH, NAME)
    kinds = {
        kind: Kind(
            one["title"],
            one["said"],
            frozenset(map(bare_words, one["names"])),
            one.get("sentences", False),
        )
        for kind, one in table["kinds"].items()
    }
    joints = "|".join(map(re.escape, _longest_first(table["joints"])))
    return _Names(
        kinds,
        table["usual"],
        _leading(table["articles"]),
        _leading(table["of"]),
        # Recognisers write "Milk. Eggs and bread" for a pause; "Dr. Oetker" is one thing.
        re.compile(
            rf"(?:\s*[,;]|(?<=\w{{3}})\.(?=\s))\s*(?:(?:{joints})\s+)?|\s+(?:{joints})\s+",
            re.IGNORECASE,
        ),
        frozenset(map(bare_words, table["it"])),
        table["notes"],
    )


def _leading(words: Sequence[str]) -> re.Pattern[str]:
    """Any of ``words`` at the beginning; behind an apostrophe there is no space."""
    either = [
        re.escape(word) + ("" if word.endswith("'") else r"\s+") for word in _longest_first(words)
    ]
    return re.compile("|".join(either) or "(?!)", re.IGNORECASE)


def _longest_first(words: Sequence[str]) -> Sequence[str]:
    return sorted(words, key=len, reverse=True)
