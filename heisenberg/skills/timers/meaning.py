"""Which of the timers, alarms and reminders are meant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Call
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.telling import Telling, called
from heisenberg.skills.timers.timer import Kind, Timer
from heisenberg.skills.words import SkillWords


class Meaning:
    """Looks them up in a book, by their kind and what they are called."""

    def __init__(self, book: TimerBook, words: SkillWords, telling: Telling) -> None:
        self._book = book
        self._words = words
        self._telling = telling

    async def latest(self, kind: Kind) -> Timer | None:
        """The one of a kind that was set last."""
        every = await asyncio.to_thread(self._book.all)
        ours = (one for one in every if one.kind is kind)
        return max(ours, key=lambda one: one.id, default=None)

    async def one(self, call: Call, kind: Kind, name: str) -> Timer:
        """The one that is meant; who means one of several is asked to name it."""
        found = await self.several(call, kind, name)
        if len(found) > 1:
            names = "; ".join(self._telling.name(one, call.now, call.language) for one in found)
            raise SkillError(self._words.say(call.language, "which", names=names))
        return found[0]

    async def several(self, call: Call, kind: Kind | None, name: str = "") -> Sequence[Timer]:
        """Those of a kind that ``name`` may mean, at least one. Raises ``SkillError``."""
        every = await asyncio.to_thread(self._book.all)
        timers = [one for one in every if kind in (None, one.kind)]
        if not timers:
            raise SkillError(self._words.say(call.language, f"no_{kind or Kind.TIMER}"))
        if not name:
            return timers
        found = called(timers, name, call.now, call.language)
        if not found:
            raise SkillError(self._words.say(call.language, "no_such", name=name))
        return found
