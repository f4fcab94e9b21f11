"""Lists and notes, asked for in words."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Final

from heisenberg.core.errors import InputError, SkillError, StoreError
from heisenberg.skills.base import Action, Call, Home, Run
from heisenberg.skills.lists.answers import ListAnswers
from heisenberg.skills.lists.folder import ListFolder, Unreadable
from heisenberg.skills.lists.known import Lists
from heisenberg.skills.lists.naming import NAME, load_names
from heisenberg.skills.lists.notes import Notes
from heisenberg.skills.words import SkillWords

_FOLDER: Final = "lists"
_ABOUT: Final = {
    "read": "Tell what is on a list, as the shopping list or the to-do list",
    "which": "Tell which lists there are",
    "has": "Tell whether something is on a list",
    "add": "Put something on a list",
    "remove": "Take something off a list",
    "tick": "Tick something on a list as done",
    "clear": "Take everything off a list",
    "create": "Begin a new list",
    "delete": "Delete a whole list",
    "note": "Write down a note",
    "read_notes": "Read the notes that were written down",
    "delete_note": "Delete the last note",
    "delete_notes": "Delete all notes",
}
_PURE: Final = frozenset({"read", "which", "has", "read_notes"})
_CONFIRMED: Final = frozenset({"clear", "delete", "delete_notes"})
_FOLLOWING: Final = frozenset({"put_on", "take_off"})
"""On the list that was just spoken of."""


class ListsAndNotes:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        for language in home.languages:
            load_names(language)
        folder = ListFolder(home.lists or home.folder / _FOLDER)
        lists = ListAnswers(Lists(folder, self._words, home.languages), self._words)
        notes = Notes(folder, load_names(home.languages[0]).notes, self._words)
        self._recall = self._in_thread(notes.recall)
        runs: dict[str, Callable[..., str]] = {
            "read": lists.read,
            "which": lists.which,
            "has": lists.has,
            "add": lists.add,
            "remove": lists.remove,
            "put_on": lists.add,
            "take_off": lists.remove,
            "tick": lists.tick,
            "clear": lists.clear,
            "create": lists.create,
            "delete": lists.delete,
            "note": notes.add,
            "read_notes": notes.read,
            "delete_note": notes.delete_last,
            "delete_notes": notes.delete_all,
        }
        undo = {
            "add": lists.take_back,
            "remove": lists.take_back,
            "put_on": lists.take_back,
            "take_off": lists.take_back,
            "tick": lists.take_back,
            "note": notes.take_back,
        }
        self.actions = tuple(
            Action(
                name,
                self._in_thread(run),
                self._words.sentences(name, home.languages),
                pure=name in _PURE,
                about=_ABOUT.get(name, ""),
                confirm=name in _CONFIRMED,
                follows=name in _FOLLOWING,
                undo=self._in_thread(undo[name]) if name in undo else None,
            )
            for name, run in runs.items()
        )

    async def recall(self, call: Call) -> str:
        """What was noted about what is asked."""
        return await self._recall(call)

    def _in_thread(self, run: Callable[..., str]) -> Run:
        """``run``, which blocks, as a skill is asked; what goes wrong with files is said."""

        @functools.wraps(run)
        async def running(call: Call, **slots: Any) -> str:
            try:
                return await asyncio.to_thread(run, call, **slots)
            except StoreError as exc:
                raise SkillError(self._words.say(call.language, "disk_full")) from exc
            except InputError as exc:
                raise SkillError(self._words.say(call.language, "not_written")) from exc
            except Unreadable as exc:
                raise SkillError(self._words.say(call.language, "unreadable")) from exc

        return running
