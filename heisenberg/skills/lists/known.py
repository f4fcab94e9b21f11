"""Which list is meant, and what is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heisenberg.core.word_lists import bare_words
from heisenberg.skills.lists.folder import ListFolder, file_name
from heisenberg.skills.lists.markdown import Item, items_of
from heisenberg.skills.lists.naming import UNNAMED, ListName, load_names, most_like, without_article
from heisenberg.skills.words import SkillWords


@dataclass(frozen=True, slots=True)
class Meant:
    """A list: its file, how it is spoken of, and whether its items are sentences."""

    file: str
    said: str
    is_sentences: bool = False


class Lists:
    """The lists in a folder. Blocks to read it."""

    def __init__(self, folder: ListFolder, words: SkillWords, languages: Sequence[str]) -> None:
        self.folder = folder
        self._words = words
        self._languages = languages

    def all(self, language: str) -> Sequence[Meant]:
        return [
            self._everybodys(ListName(name), language) or self._found(name, language)
            for name in self.folder.names()
            if not self._is_notes(name)
        ]

    def meant(self, name: ListName, language: str) -> Meant | None:
        """The list that is called ``name``, which need not have been begun if it is one that
        everybody has; without a name the usual one. ``None`` for any other that is not there."""
        usual = self._everybodys(name, language)
        if usual or name == UNNAMED:
            return usual
        found = most_like(name.said, self.folder.names())
        return None if found is None or self._is_notes(found) else self._found(found, language)

    def new(self, name: ListName, language: str) -> Meant:
        """One that may not be there yet. Raises ``ValueError`` for what can't be a name."""
        file = file_name(name.said)
        if self._is_notes(file):
            raise ValueError("that is what notes are called")
        return self._everybodys(name, language) or self._found(file, language)

    def is_there(self, one: Meant) -> bool:
        return one.file in self.folder.names()

    def items(self, one: Meant) -> Sequence[Item]:
        """Raises ``Unreadable``."""
        return items_of(self.folder.read(one.file))

    def _everybodys(self, name: ListName, language: str) -> Meant | None:
        names = load_names(language)
        asked = bare_words(name.said or names.kinds[names.usual].title)
        for key, kind in names.kinds.items():
            if asked in {*kind.names, bare_words(kind.title)}:
                return Meant(self._file_of(key), kind.said, kind.is_sentences)
        return None

    def _found(self, file: str, language: str) -> Meant:
        return Meant(file, self._words.say(language, "called", name=file))

    def _is_notes(self, file: str) -> bool:
        return file in {load_names(one).notes for one in self._languages}

    def _file_of(self, kind: str) -> str:
        """The one that is there, in whatever language it was begun."""
        titles = [
            found.title
            for language in self._languages
            if (found := load_names(language).kinds.get(kind))
        ]
        there = self.folder.names()
        return next((title for title in titles if title in there), titles[0])


def by_name(items: Sequence[Item], language: str) -> dict[str, Item]:
    """The first of each name."""
    named = reversed([(bare_words(without_article(one.said, language)), one) for one in items])
    return dict(named)


def item_called(text: str, items: Sequence[Item], language: str) -> Item | None:
    """Which of ``items`` is called ``text``: just so, or a little misheard, or as part of it."""
    named = by_name(items, language)
    found = most_like(text, named)
    if found is not None:
        return named[found]
    asked = f" {bare_words(text)} "
    holding = [one for name, one in named.items() if asked in f" {name} "]
    return holding[0] if len(holding) == 1 else None
