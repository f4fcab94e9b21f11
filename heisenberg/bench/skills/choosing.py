"""What is made of requests that no sentence fits: the right call and its slots; and of talk."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Unpack

import numpy as np

from heisenberg.bench.skills.command_set import Said
from heisenberg.bench.skills.request_set import Asked, RequestSet
from heisenberg.bench.skills.understood import is_understood
from heisenberg.core.conversation import Conversation
from heisenberg.core.word_lists import bare_words
from heisenberg.llm.base import Generation, LanguageModel, ModelInfo, ReplyOptions, WarmOptions
from heisenberg.skills.help import CANNOT
from heisenberg.skills.understanding.matching import Match

_TALK: Final = "talk"


class Outcome(StrEnum):
    """What came of a sentence: what is right, or what is wrong about it. ``TALK``: a request that
    was taken for talk, ``CALL``: another call than is meant, or one where none is, ``REFUSED``: "I
    can't do that"."""

    RIGHT = "right"
    SLOTS = "wrong slots"
    CALL = "another call"
    TALK = "talk"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sentence, and what it was taken for: ``call`` is "skill.action", or ``talk``.

    ``made``: the model made a call of it; ``formed``: there was one that can be made.
    """

    language: str
    category: str
    said: str
    call: str
    outcome: Outcome
    made: bool
    formed: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class _Found:
    """What one sentence was taken for, and what the model said to it, if it was asked."""

    matches: Sequence[Match]
    reply: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ChoosingReport:
    """Of at least one request; of ``talk``, what was taken for talk is right."""

    requests: tuple[Chosen, ...]
    talk: tuple[Chosen, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        every = (*self.requests, *self.talk)
        categories = {one.category: one.category for one in self.requests}
        return {
            "requests": _by_language(self.requests),
            "talk": _by_language(self.talk),
            "calls": _share([one.formed for one in every if one.made]),
            "outcomes": Counter(one.outcome.value for one in self.requests),
            "refused_talk": sum(one.outcome is Outcome.REFUSED for one in self.talk),
            "by_category": {
                name: _right([one for one in self.requests if one.category == name])
                for name in categories
            },
            "seconds": {"requests": _median(self.requests), "talk": _median(self.talk)},
        }


class Overheard:
    """A ``LanguageModel`` of which it is known what it answered last at once."""

    def __init__(self, llm: LanguageModel) -> None:
        self._llm = llm
        self.reply = ""

    @property
    def info(self) -> ModelInfo:
        return self._llm.info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> Generation:
        return self._llm.generate(prompt, **options)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        self.reply = await self._llm.generate_simple(prompt, **options)
        return self.reply

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        await self._llm.warm(**options)

    async def aclose(self) -> None:
        await self._llm.aclose()


async def bench_choosing(
    conversation: Conversation,
    overheard: Overheard,
    asked: RequestSet,
    languages: Collection[str],
    on_chosen: Callable[[Chosen], None] = lambda _chosen: None,
) -> ChoosingReport:
    """Everything in the set that is in one of ``languages``; nothing of it is done.

    What ``conversation`` chooses with is ``overheard``.
    """
    requests, talk = [], []
    for group in asked.requests:
        for one in group.said if group.language in languages else ():
            found = await _choose(conversation, overheard, one.say)
            requests.append(_chosen(group.language, group.category, one.say, found, one))
            on_chosen(requests[-1])
    for others in asked.talk:
        for text in others.said if others.language in languages else ():
            found = await _choose(conversation, overheard, text)
            talk.append(_chosen(others.language, _TALK, text, found, None))
            on_chosen(talk[-1])
    return ChoosingReport(tuple(requests), tuple(talk))


async def _choose(conversation: Conversation, overheard: Overheard, text: str) -> _Found:
    """As ``heisenberg.core.reply.answer`` does."""
    overheard.reply = ""
    began_s = time.perf_counter()
    wish = conversation.asks_for(text) or await conversation.chooses(text)
    seconds = time.perf_counter() - began_s
    return _Found(tuple(wish.matches) if wish else (), overheard.reply.strip(), seconds)


def _chosen(language: str, category: str, said: str, found: _Found, asked: Asked | None) -> Chosen:
    return Chosen(
        language,
        category,
        said,
        " and ".join(map(_name, found.matches)) or _TALK,
        _outcome(found.matches, asked),
        found.reply not in ("", _TALK),
        bool(found.matches),
        found.seconds,
    )


def _outcome(matches: Sequence[Match], asked: Asked | None) -> Outcome:
    if not matches:
        return Outcome.RIGHT if asked is None else Outcome.TALK
    if matches[0].action.name == CANNOT:
        return Outcome.REFUSED
    match matches:
        case [one] if asked is not None and _name(one) in asked.calls:
            return Outcome.RIGHT if _holds(one, asked) else Outcome.SLOTS
    return Outcome.CALL


def _name(match: Match) -> str:
    return f"{match.skill}.{match.action.name}"


def _holds(match: Match, asked: Asked) -> bool:
    """Whether each value is among those that were understood, or in their words."""
    words = f" {bare_words(' '.join(map(str, match.texts.values())))} "
    return all(
        f" {bare_words(str(value))} " in words
        or is_understood(match, match.skill, Said(say=asked.say, slots={"": value}), exactly=False)
        for value in asked.values
    )


def _by_language(chosen: Sequence[Chosen]) -> dict[str, dict[str, float]]:
    """Those in each, and in all."""
    groups = {"all": chosen}
    for language in dict.fromkeys(one.language for one in chosen):
        groups[language] = [one for one in chosen if one.language == language]
    return {name: _right(each) for name, each in groups.items()}


def _right(chosen: Sequence[Chosen]) -> dict[str, float]:
    return _share([one.outcome is Outcome.RIGHT for one in chosen])


def _share(right: Sequence[bool]) -> dict[str, float]:
    percent = 100.0 * sum(right) / max(1, len(right))
    return {"said": len(right), "right": sum(right), "percent": round(percent, 1)}


def _median(chosen: Sequence[Chosen]) -> float:
    """Seconds; 0 of none."""
    return round(float(np.median([one.seconds for one in chosen] or [0.0])), 3)
