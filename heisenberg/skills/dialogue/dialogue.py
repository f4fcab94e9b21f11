"""What one conversation has skills do, and how it goes on about that: "yes", "make it five"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from heisenberg.skills.base import Asker, Call, Sound
from heisenberg.skills.dialogue.following import WORDS, Kind, going_on
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.sample import asked_with
from heisenberg.skills.understanding.matching import Match
from heisenberg.skills.words import SkillWords

_REMEMBERED: Final = timedelta(seconds=90)
"""Nobody means with "make it five" what was said longer ago, and nobody's "yes" is to it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a skill said to one thing that was wanted; ``action`` is the name of it; ``sounds`` are
    heard after that."""

    skill: str
    action: str
    text: str
    sounds: Sequence[Sound] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What one utterance wants to have done, in this order; ``said`` are its words.

    ``kind`` is what it is to what was asked before, and ``before`` is that.
    """

    said: str
    matches: Sequence[Match]
    kind: Kind = Kind.NEW
    before: Match | None = None

    @property
    def pure(self) -> bool:
        """Whether it changes nothing, so that it may be done before it is certain that it is
        wanted."""
        if self.kind in (Kind.CONFIRMED, Kind.INSTEAD, Kind.UNDO):
            return all(match.pure for match in self.matches) and bool(self.matches)
        return all(match.pure or _is_asked_back(match) for match in self.matches)


@dataclass(frozen=True, slots=True)
class _State:
    """What was done, what is asked back, and when that was said."""

    at: datetime
    done: tuple[Match, ...] = ()
    asked: Match | None = None


class Dialogue:
    """Looks up what is wanted and has it done; refers back to the turn before and no further.

    What ``act`` leads to counts once ``remember`` says that the turn has reached the user: a draft
    that is dropped leaves no trace.
    """

    def __init__(self, repertoire: Repertoire) -> None:
        self._repertoire = repertoire
        self._words = SkillWords(WORDS)
        self._following = repertoire.following
        self._state: _State | None = None
        self._next: tuple[str, _State] | None = None
        self.has_acted = False
        """Whether anything was changed since there is something to remember."""

    @property
    def latest(self) -> str:
        """The skill that did the last thing in the turn before; empty where none did."""
        state = self._current()
        return state.done[-1].skill if state is not None and state.done else ""

    def find(self, text: str) -> Wish | None:
        """What ``text``, a whole utterance, wants to have done; ``None`` where it is none of that.

        It changes nothing.
        """
        state = self._current()
        if state is not None and state.asked is not None:
            if self._following.agrees(text):
                return Wish(text, (state.asked,), Kind.CONFIRMED)
            if self._following.declines(text):
                return Wish(text, (), Kind.DECLINED, state.asked)
        before = state.done if state is not None else ()
        if matches := self._repertoire.find_all(text, self.latest):
            last = before[-1] if before else None
            return Wish(
                text,
                [going_on(one, last) if last and one.action.follows else one for one in matches],
            )
        for last in reversed(before):
            if last.action.undo is not None and self._following.undoes(text):
                return Wish(text, (replace(last, slots={}),), Kind.UNDO, last)
            if found := self._following.changed(text, last):
                return Wish(text, (found[1],), found[0], last)
        return None

    async def act(self, wish: Wish, asker: Asker | None = None) -> list[Done]:
        """Do it, one after the other; returns what is to be said: what was done, or that it wasn't,
        and why, or the question whether it shall be."""
        now = self._repertoire.now()
        if wish.kind is Kind.DECLINED and wish.before is not None:
            self._next = (wish.said, _State(now))
            said = self._words.say(wish.before.language, "declined")
            return [Done(wish.before.skill, wish.before.action.name, said)]
        done, matches, asked = [], [], None
        for match in wish.matches:
            name = match.action.name
            before = wish.before.slots if wish.before else {}
            call = Call(match.language, now, asker, before, wish.said)
            if _is_asked_back(match) and wish.kind is not Kind.CONFIRMED:
                asked = match
                text = self._words.say(match.language, "confirm", what=_asked_back(wish, match))
            else:
                matches.append(match)
                text = await self._run(wish, match, call)
            done.append(Done(match.skill, name, text, call.sounds))
            if asked is not None:
                break  # what would follow waits for an answer, too
        self._next = (wish.said, _State(now, tuple(matches), asked))
        self.has_acted |= not all(match.pure for match in matches)
        return done

    async def foretell(self, wish: Wish, asker: Asker | None = None) -> str:
        """What ``act`` will say first, if all goes well; empty where that is not known. It changes
        nothing."""
        first = next(iter(wish.matches), None)
        if wish.kind is not Kind.NEW or first is None or _is_asked_back(first):
            return ""
        call = Call(first.language, self._repertoire.now(), asker)
        return await self._repertoire.foretell(first, call)

    def remember(self, said: str) -> None:
        """The turn in which the user said that has reached them."""
        if self._next is not None and self._next[0] == said:
            self._state = self._next[1]
        else:
            self._state = None
        self._next = None

    def forget(self) -> None:
        """Refer back to nothing."""
        self._state = self._next = None
        self.has_acted = False

    async def _run(self, wish: Wish, match: Match, call: Call) -> str:
        run = match.action.run
        if wish.kind is Kind.UNDO and match.action.undo is not None:
            run = match.action.undo
        elif wish.kind is Kind.INSTEAD and match.action.amend is not None:
            run = match.action.amend
        return await self._repertoire.run(match, call, run)

    def _current(self) -> _State | None:
        state = self._state
        if state is None or self._repertoire.now() - state.at > _REMEMBERED:
            return None
        return state


def _is_asked_back(match: Match) -> bool:
    return match.action.confirm or match.doubtful


def _asked_back(wish: Wish, match: Match) -> str:
    """The user's words; what a model made of them may be something else, so that is told, in the
    words of a sentence for it where one has just these slots."""
    said = wish.said if not match.chosen else asked_with(match.action, match.language, match.texts)
    if not said:
        slots = ", ".join(f"{name} {_told(value)}" for name, value in match.texts.items())
        said = f"{match.skill}, {match.action.name.replace('_', ' ')}{': ' * bool(slots)}{slots}"
    said = said.strip().rstrip(".!?…")
    return said[:1].upper() + said[1:]


def _told(value: object) -> str:
    return ", ".join(map(_told, value)) if isinstance(value, list) else str(value)
