"""What is done with lists, and said about it. All of it blocks to read and write files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.core.word_lists import bare_words
from heisenberg.skills.base import Call
from heisenberg.skills.lists.known import Lists, Meant, by_name, item_called
from heisenberg.skills.lists.markdown import Item, items_of, with_items, with_tick, without_items
from heisenberg.skills.lists.naming import UNNAMED, ListName, Thing
from heisenberg.skills.words import SkillWords

_MOST_SAID: Final = 15
"""Items: nobody listens to more."""
_MOST: Final = 500
"""Items on a list."""


class ListAnswers:
    """Each method raises ``SkillError`` where it can't be done, and what ``ListFolder`` raises."""

    def __init__(self, lists: Lists, words: SkillWords) -> None:
        self._lists = lists
        self._words = words

    def read(self, call: Call, name: ListName = UNNAMED) -> str:
        one = self._meant(call, name)
        items = [item.said for item in _open(self._lists.items(one))]
        if not items:
            return self._say(call, "empty", one)
        reply = "on_it" if len(items) <= _MOST_SAID else "much_on_it"
        shown = items[:_MOST_SAID]
        many = one.is_sentences or len(items) > _MOST_SAID
        said = "; ".join(shown) if many else joined(shown, self._words, call.language)
        return self._say(call, reply, one, items=said, count=str(len(items)))

    def which(self, call: Call) -> str:
        found = [one.said for one in self._lists.all(call.language)]
        if not found:
            return self._words.say(call.language, "no_lists")
        said = joined(found, self._words, call.language)
        return self._words.say(call.language, "there_are", lists=said)

    def has(self, call: Call, item: Thing, name: ListName = UNNAMED) -> str:
        one = self._holding(call, name, item)
        found = item_called(item.text, _open(self._lists.items(one)), call.language)
        if found is None:
            return self._say(call, "has_not", one, item=item.text)
        return self._say(call, "is_on", one, item=found.said)

    def add(self, call: Call, item: Thing, name: ListName = UNNAMED) -> str:
        one = self._meant(call, name)
        things = [item.text] if one.is_sentences else item.parts(call.language)
        added: list[str] = []

        def change(text: str) -> str:
            new = []
            for thing in things:
                known = by_name(items_of(text), call.language).get(bare_words(thing))
                if known is None:
                    new.append(thing)
                elif known.is_done:
                    text = with_tick(text, known, is_done=False)
                else:
                    continue
                added.append(thing)
            if len(items_of(text)) + len(new) > _MOST:
                raise SkillError(self._say(call, "too_many", one, count=str(_MOST)))
            return with_items(text or f"# {one.file}\n\n", new)

        self._lists.folder.change(one.file, change, asked=(item, name))
        said = joined(added or things, self._words, call.language)
        return self._say(call, "added" if added else "has", one, item=said)

    def remove(self, call: Call, item: Thing, name: ListName = UNNAMED) -> str:
        return self._change_items(call, item, name, "removed", without_items)

    def tick(self, call: Call, item: Thing, name: ListName = UNNAMED) -> str:
        def ticked(text: str, items: Sequence[Item]) -> str:
            for one in items:
                text = with_tick(text, one, is_done=True)
            return text

        return self._change_items(call, item, name, "ticked", ticked)

    def take_back(self, call: Call) -> str:
        """What ``add``, ``remove`` or ``tick`` did."""
        asked = (call.before.get("item"), call.before.get("name", UNNAMED))
        done = self._lists.folder.take_back(asked)
        return self._words.say(call.language, "taken_back" if done else "not_taken_back")

    def clear(self, call: Call, name: ListName = UNNAMED) -> str:
        one = self._meant(call, name)
        self._lists.folder.change(one.file, lambda text: without_items(text, items_of(text)))
        return self._say(call, "cleared", one)

    def create(self, call: Call, name: ListName) -> str:
        try:
            one = self._lists.new(name, call.language)
        except ValueError as exc:
            said = self._words.say(call.language, "no_name", name=name.said)
            raise SkillError(said) from exc
        if self._lists.is_there(one):
            return self._say(call, "is_there", one)
        self._lists.folder.change(one.file, lambda text: text or f"# {one.file}\n\n")
        return self._say(call, "created", one)

    def delete(self, call: Call, name: ListName) -> str:
        one = self._meant(call, name)
        if not self._lists.is_there(one):
            return self._say(call, "empty", one)
        self._lists.folder.delete(one.file)
        return self._say(call, "deleted", one)

    def _change_items(
        self,
        call: Call,
        item: Thing,
        name: ListName,
        done: str,
        change: Callable[[str, Sequence[Item]], str],
    ) -> str:
        """``change`` the items that are meant, and say so with the reply ``done``."""
        one = self._holding(call, name, item)
        found: list[Item] = []

        def changed(text: str) -> str:
            found.extend(_called(item, _open(items_of(text)), call.language))
            return change(text, found)

        self._lists.folder.change(one.file, changed, asked=(item, name))
        if not found:
            return self._say(call, "has_not", one, item=item.text)
        said = joined([known.said for known in found], self._words, call.language)
        return self._say(call, done, one, item=said)

    def _holding(self, call: Call, name: ListName, item: Thing) -> Meant:
        """The list that is meant; where none was named, another than the usual one may hold it."""
        one = self._meant(call, name)
        others = self._lists.all(call.language) if name == UNNAMED else []
        for known in (one, *others):
            if _called(item, _open(self._lists.items(known)), call.language):
                return known
        return one

    def _meant(self, call: Call, name: ListName) -> Meant:
        """Raises ``SkillError`` for one that is not there."""
        one = self._lists.meant(name, call.language)
        if one is None:
            raise SkillError(self._words.say(call.language, "no_such", name=name.said))
        return one

    def _say(self, call: Call, reply: str, one: Meant, **values: str) -> str:
        return self._words.say(call.language, reply, list=one.said, **values)


def joined(texts: Sequence[str], words: SkillWords, language: str) -> str:
    """As in "milk, eggs and bread"."""
    *firsts, last = texts
    return f"{', '.join(firsts)} {words.say(language, 'and')} {last}" if firsts else last


def _open(items: Sequence[Item]) -> Sequence[Item]:
    return [one for one in items if not one.is_done]


def _called(item: Thing, items: Sequence[Item], language: str) -> Sequence[Item]:
    """Those that are meant: the one that is called all of it, else one for each part."""
    whole = item_called(item.text, items, language)
    if whole is not None:
        return [whole]
    parts = [item_called(part, items, language) for part in item.parts(language)]
    return [one for one in dict.fromkeys(parts) if one is not None]
