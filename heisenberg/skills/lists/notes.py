"""Notes: one file, in which each stands with the time it was taken."""

from __future__ import annotations

import re
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.skills.base import Call
from heisenberg.skills.lists.folder import ListFolder
from heisenberg.skills.lists.markdown import Item, items_of, with_items, without_items
from heisenberg.skills.slots.near import is_near
from heisenberg.skills.words import SkillWords

_MOST_SAID: Final = 5
_MOST: Final = 5000
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:? ")


class Notes:
    """Each method raises ``SkillError`` where it can't be done, and what ``ListFolder`` raises. All
    of it blocks to read and write the file."""

    def __init__(self, folder: ListFolder, file: str, words: SkillWords) -> None:
        self._folder = folder
        self._file = file
        self._words = words
        self._telling = QuestionWords.load()

    def add(self, call: Call, item: str) -> str:
        text = item.strip(" ,.;:")
        if not text:
            raise SkillError(self._words.say(call.language, "what_note"))

        def change(before: str) -> str:
            if len(items_of(before)) >= _MOST:
                raise SkillError(self._words.say(call.language, "too_many_notes", count=str(_MOST)))
            title = f"# {self._file}\n\n"
            return with_items(before or title, [f"{call.now:%Y-%m-%d %H:%M}: {text}"], box="")

        self._folder.change(self._file, change, asked=item)
        return self._words.say(call.language, "noted", note=text)

    def take_back(self, call: Call) -> str:
        """What ``add`` did."""
        done = self._folder.take_back(call.before.get("item"))
        return self._words.say(call.language, "taken_back" if done else "not_taken_back")

    def read(self, call: Call) -> str:
        """The latest first."""
        notes = [_said(one) for one in reversed(items_of(self._folder.read(self._file)))]
        if not notes:
            return self._words.say(call.language, "no_notes")
        if len(notes) == 1:
            return self._words.say(call.language, "one_note", note=notes[0])
        reply = "notes" if len(notes) <= _MOST_SAID else "many_notes"
        said = "; ".join(notes[:_MOST_SAID])
        return self._words.say(call.language, reply, notes=said, count=str(len(notes)))

    def recall(self, call: Call) -> str:
        """The latest of the notes that hold the most words of ``call.said``, if that is half of
        what tells there; empty where none does."""
        asked = self._telling.of(call.said)
        best, most = "", 0
        for note in map(_said, items_of(self._folder.read(self._file))):
            words = bare_words(note).split()
            found = sum(any(is_near(one, word) for word in words) for one in asked)
            if found >= max(most, 1):
                best, most = note, found
        if 2 * most < len(asked) or not best:
            return ""
        return self._words.say(call.language, "noted_before", note=best)

    def delete_last(self, call: Call) -> str:
        gone = ""

        def change(text: str) -> str:
            nonlocal gone
            last = items_of(text)[-1:]
            gone = _said(last[0]) if last else ""
            return without_items(text, last)

        self._folder.change(self._file, change)
        reply = "note_deleted" if gone else "no_notes"
        return self._words.say(call.language, reply, note=gone)

    def delete_all(self, call: Call) -> str:
        self._folder.change(self._file, lambda text: without_items(text, items_of(text)))
        return self._words.say(call.language, "notes_deleted")


def _said(note: Item) -> str:
    return _TIME.sub("", note.said, count=1).strip(" .")
