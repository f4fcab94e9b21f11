"""Timers, alarms and reminders, asked for in words."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from heisenberg.core.errors import HeisenbergError, SkillError
from heisenberg.machine.elapsed import boot_id, elapsed_s
from heisenberg.skills.base import Action, Bell, Call, Home, Run
from heisenberg.skills.slots.durations import said_duration
from heisenberg.skills.slots.moments import Moment, load_moments
from heisenberg.skills.timers.alarm_time import alarm_time, moved_alarm
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.meaning import Meaning
from heisenberg.skills.timers.naming import NO_NAME, Name, load_names
from heisenberg.skills.timers.reminder import Reminder, Someday, When, load_reminders
from heisenberg.skills.timers.ringing import ring_timers
from heisenberg.skills.timers.telling import Telling, said_due
from heisenberg.skills.timers.timer import Again, Kind, Timer
from heisenberg.skills.words import SkillWords

T = TypeVar("T")

NAME: Final = "timers"

_FILE: Final = "timers.json"
_ANY_TIME: Final = When()
_SOMEDAY: Final = Someday("")
_SETS: Final = {
    "set": Kind.TIMER,
    "another": Kind.TIMER,
    "alarm": Kind.ALARM,
    "another_alarm": Kind.ALARM,
    "remind": Kind.REMINDER,
}
"""Which kind each of these sets."""
_FOLLOWING: Final = frozenset({"another", "another_alarm", "another_what"})


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is said once ``change`` is made."""

    said: str
    change: Callable[[], object] = lambda: None


class Timers:
    """A ``Skill`` that is ``Busy``: it rings."""

    name = NAME

    def __init__(
        self,
        home: Home,
        clock: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = elapsed_s,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._telling = Telling(self._words, home.languages)
        for language in home.languages:
            load_moments(language)
            load_reminders(language)
            load_names(language)
        self.book = TimerBook(home.folder / _FILE, clock, elapsed, boot())
        self._meaning = Meaning(self.book, self._words, self._telling)
        self._works = False
        asking: dict[str, Run] = {
            "left": self._left,
            "list": self._list_timers,
            "list_alarms": self._list_alarms,
            "list_reminders": self._list_reminders,
            "how_long": self._how_long,
            "when": self._when,
            "remind_when": self._remind_when,
            "another_what": self._another_what,
            "repeat": self._repeat,
        }
        plans: dict[str, Callable[..., Awaitable[_Plan]]] = {
            "set": self._set,
            "another": self._set,
            "alarm": self._alarm,
            "another_alarm": self._alarm,
            "remind": self._remind,
            "cancel": self._cancel_timer,
            "cancel_alarm": self._cancel_alarm,
            "cancel_reminder": self._cancel_reminder,
            "cancel_all": self._cancel_timers,
            "cancel_all_alarms": self._cancel_alarms,
            "cancel_all_reminders": self._cancel_reminders,
        }
        doing = {name: self._carrying_out(plan) for name, plan in plans.items()}
        foretelling = {name: self._foretelling(plan) for name, plan in plans.items()}
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                pure=name in asking,
                foretell=foretelling.get(name),
                amend=self._amending(run, _SETS[name]) if name in _SETS else None,
                undo=self._undoing(_SETS[name]) if name in _SETS else None,
                follows=name in _FOLLOWING,
            )
            for name, run in (*asking.items(), *doing.items(), ("extend", self._extend))
        )

    async def work(self, bell: Bell) -> None:
        self._works = True
        try:
            await ring_timers(self.book, bell, self._telling.ringing)
        finally:
            self._works = False

    def _carrying_out(self, plan: Callable[..., Awaitable[_Plan]]) -> Run:
        @functools.wraps(plan)
        async def run(call: Call, **slots: Any) -> str:
            planned = await plan(call, **slots)
            await self._kept(planned.change, call)
            return planned.said

        return run

    def _foretelling(self, plan: Callable[..., Awaitable[_Plan]]) -> Run:
        async def foretell(call: Call, **slots: Any) -> str:
            return (await plan(call, **slots)).said

        return foretell

    def _amending(self, run: Run, kind: Kind) -> Run:
        """What sets another in place of the one set last."""

        async def amend(call: Call, **slots: Any) -> str:
            before = await self._meaning.latest(kind)
            at, said_before = slots.get("at"), call.before.get("at")
            if before is not None and isinstance(at, Moment):
                slots["at"] = moved_alarm(at, said_before, before)
            said = await run(call, **slots)
            if before is not None:
                await self._kept(lambda: self.book.drop(before), call)
            return said

        return amend

    def _undoing(self, kind: Kind) -> Run:
        """What cancels the one set last."""

        async def undo(call: Call) -> str:
            before = await self._meaning.latest(kind)
            if before is None:
                raise SkillError(self._words.say(call.language, f"no_{kind}"))
            planned = self._cancel(call, [before])
            await self._kept(planned.change, call)
            return planned.said

        return undo

    async def _set(self, call: Call, duration: timedelta, name: Name = NO_NAME) -> _Plan:
        reply = "set_named" if name else "set"
        said = said_duration(duration, call.language)
        return _Plan(
            self._done(call, reply, name=name, duration=said),
            lambda: self.book.set(duration, call.language, name=name),
        )

    async def _alarm(self, call: Call, at: Moment, name: Name = NO_NAME) -> _Plan:
        try:
            at, name = alarm_time(at, name, call.now, call.language)
        except ValueError:
            return _Plan(self._words.say(call.language, "repeat"))
        due, again = self._due(at, call)
        return _Plan(
            self._done(call, "alarm", when=said_due(due, again, call.now, call.language)),
            lambda: self.book.set_alarm(due.timestamp(), call.language, name=name, again=again),
        )

    async def _remind(self, call: Call, what: Reminder, when: When = _ANY_TIME) -> _Plan:
        about, language = what.about, call.language
        if what.is_unclear:
            return _Plan(self._words.say(language, "repeat"))
        after, at = (what.after, what.at) if when == _ANY_TIME else (when.after, when.at)
        if at is not None:
            at = at.at(what.at)
        if after is not None:
            said = said_duration(after, language)
            return _Plan(
                self._done(call, "remind", about=about, duration=said),
                lambda: self.book.set(after, language, about=about),
            )
        if at is None:
            return _Plan(self._words.say(language, "when_to_remind"))
        due, again = self._due(at, call)
        moment = said_due(due, again, call.now, language)
        return _Plan(
            self._done(call, "remind_at", about=about, when=moment),
            lambda: self.book.set_alarm(due.timestamp(), language, about=about, again=again),
        )

    async def _how_long(self, call: Call, number: float = 0.0) -> str:
        """A number alone is no duration: ten seconds, or ten minutes?"""
        if not number:
            return self._words.say(call.language, "how_long")
        return self._words.say(call.language, "of_what", number=f"{number:g}")

    async def _when(self, call: Call) -> str:
        return self._words.say(call.language, "when")

    async def _remind_when(self, call: Call, what: Someday = _SOMEDAY) -> str:
        """Nobody knows when "later" is."""
        del what
        return self._words.say(call.language, "when_to_remind")

    async def _another_what(self, call: Call) -> str:
        return self._words.say(call.language, "another_what")

    async def _repeat(self, call: Call, what: str = "", when: str = "", rest: str = "") -> str:
        """Whoever asks for every month must not believe it of a day."""
        del what, when, rest
        return self._words.say(call.language, "repeat")

    async def _left(self, call: Call, name: str = "") -> str:
        found = await self._meaning.several(call, None if name else Kind.TIMER, name)
        if len(found) == 1 and found[0].kind is Kind.TIMER:
            left = said_duration(found[0].left(self.book.now_s), call.language)
            return self._words.say(call.language, "left", left=left)
        return self._told(call, found)

    async def _list_timers(self, call: Call) -> str:
        return self._told(call, await self._meaning.several(call, Kind.TIMER))

    async def _list_alarms(self, call: Call) -> str:
        return self._told(call, await self._meaning.several(call, Kind.ALARM))

    async def _list_reminders(self, call: Call) -> str:
        return self._told(call, await self._meaning.several(call, Kind.REMINDER))

    async def _extend(self, call: Call, duration: timedelta, name: str = "") -> str:
        timer = await self._meaning.one(call, Kind.TIMER, name)
        later = await self._kept(lambda: self.book.extend(timer, duration), call)
        return self._told(call, [later])

    async def _cancel_timer(self, call: Call, name: str = "") -> _Plan:
        return self._cancel(call, [await self._meaning.one(call, Kind.TIMER, name)])

    async def _cancel_alarm(self, call: Call, name: str = "") -> _Plan:
        return self._cancel(call, [await self._meaning.one(call, Kind.ALARM, name)])

    async def _cancel_reminder(self, call: Call, name: str = "") -> _Plan:
        return self._cancel(call, [await self._meaning.one(call, Kind.REMINDER, name)])

    async def _cancel_timers(self, call: Call) -> _Plan:
        return self._cancel(call, await self._meaning.several(call, Kind.TIMER))

    async def _cancel_alarms(self, call: Call) -> _Plan:
        return self._cancel(call, await self._meaning.several(call, Kind.ALARM))

    async def _cancel_reminders(self, call: Call) -> _Plan:
        return self._cancel(call, await self._meaning.several(call, Kind.REMINDER))

    def _cancel(self, call: Call, timers: Sequence[Timer]) -> _Plan:
        if len(timers) > 1:
            said = self._words.say(call.language, "cancelled_all", count=str(len(timers)))
        else:
            what = self._telling.name(timers[0], call.now, call.language)
            said = self._words.say(call.language, "cancelled", what=what)
        return _Plan(said, lambda: self.book.drop(*timers))

    def _due(self, at: Moment, call: Call) -> tuple[datetime, Again | None]:
        """When it is, and when it is again."""
        try:
            due = at.after(call.now)
        except ValueError as exc:
            raise SkillError(self._words.say(call.language, "passed")) from exc
        if not at.again:
            return due, None
        hour = at.hour if at.is_certain else due.hour  # not the one that summer time leaves out
        return due, Again(at.again, hour, at.minute)

    async def _kept(self, change: Callable[[], T], call: Call) -> T:
        try:
            return await asyncio.to_thread(change)
        except HeisenbergError as exc:
            said = self._words.say(call.language, "not_kept", reason=exc.message)
            raise SkillError(said) from exc

    def _told(self, call: Call, timers: Sequence[Timer]) -> str:
        told = [self._telling.left(one, call.now, call.language) for one in timers]
        return " ".join(one[0].upper() + one[1:] for one in told)

    def _done(self, call: Call, reply: str, **values: str) -> str:
        """What was done; and that it will not ring, where nobody is there to ring it."""
        said = self._words.say(call.language, reply, **values)
        return said if self._works else f"{said} {self._words.say(call.language, 'asleep')}"
