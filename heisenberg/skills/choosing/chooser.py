"""What is wanted where no sentence fits: by what it is like, and then by a model.

What is said is compared with examples, in some ten milliseconds. What is likeliest talk stays talk;
of the wishes that it may be, a model chooses, and finds the slots, in one generation that a grammar
holds to calls of these, or talk.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, get_type_hints

from heisenberg.knowledge.base import Embedder
from heisenberg.knowledge.question_words import QuestionWords
from heisenberg.llm.base import LanguageModel, Rank, Structure
from heisenberg.llm.structure import grammar_of, prefixed
from heisenberg.skills.base import Action
from heisenberg.skills.choosing.likeness import Alike, Likeness
from heisenberg.skills.choosing.sayings import TALK, Saying
from heisenberg.skills.help import CANNOT, UNDONE, UNKNOWN
from heisenberg.skills.help import NAME as HELP
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.slots.made_up import are_made_up
from heisenberg.skills.slots.readings import slot_readings, slots_needed
from heisenberg.skills.slots.within import slots_within
from heisenberg.skills.understanding.matching import Match

_CLEARLY_LIKELIER: Final = 0.3
"""A wish is so much likelier than talk where there is no doubt; below, what changes anything is
asked back."""
_LEAST: Final = 0.25
"""What is less likely is not meant. Of the examples themselves, each judged by the others, this
leaves out a quarter to half of what is wrong and a tenth to a quarter of what is right."""
_SAME: Final = 0.15
"""What is not less likely by more than that may be meant, too."""
_CANNOT: Final = f"{HELP}.{CANNOT}"
_UNKNOWN: Final = f"{HELP}.{UNKNOWN}"
_UNDONE: Final = f"{HELP}.{UNDONE}"
_CLEARLY_HONEST: Final = 0.3
"""What nobody here can know, or has done, must be so likely, and likelier than talk by ``_SAME``: a
model knows a lot."""
_NEAR: Final = 0.38
"""As a cosine: what a tool of another's says of itself must be so near."""
_MOST: Final = 3
_LONGEST: Final = 200
"""Characters: who tells a story wants nothing done."""
_SHOWN: Final = 2
"""Examples of one action, in every prompt."""
_LIKE_IT: Final = 1
"""Nearest examples of what may be meant, behind those. More of them cost more than they help."""
_TALKS: Final = 10
_MOST_TOKENS: Final = 80
_SYSTEM: Final = (
    "You pick what a voice assistant is to do, and with what, in the user's words. "
    "What is none of it is talk."
)


@dataclass(frozen=True, slots=True)
class _Choice:
    """An action that may be chosen."""

    skill: str
    action: Action

    @property
    def name(self) -> str:
        return f"{self.skill}_{self.action.name}"

    @property
    def key(self) -> str:
        """As in examples."""
        return f"{self.skill}.{self.action.name}"

    @property
    def is_foreign(self) -> bool:
        """A tool of another program's: it has no examples, only a description."""
        return self.action.schema is not None and bool(self.action.about)

    @property
    def schema(self) -> Mapping[str, Any]:
        if self.action.schema is not None:
            return self.action.schema
        kinds = get_type_hints(self.action.run)
        names = slot_readings(self.action.run)
        return {
            "type": "object",
            "properties": {name: _text_of(kinds.get(name, str)) for name in names},
            "required": sorted(slots_needed(self.action.run)),
            "additionalProperties": False,
        }

    @property
    def takes_anything(self) -> bool:
        return bool(self.schema.get("properties"))


@dataclass(frozen=True, slots=True)
class Before:
    """What came before an utterance: the ``skill`` that did something in the turn just before;
    whether any ``acted`` at all, that is, changed something; and what the user ``told``."""

    skill: str = ""
    acted: bool = False
    told: str = ""


NOTHING_BEFORE: Final = Before()


@dataclass(frozen=True, slots=True)
class _Near:
    """What something is like, the nearest first, its language, and examples like it; ``is_clear``:
    there is no doubt that it is one of them."""

    choices: tuple[_Choice, ...]
    language: str
    examples: Sequence[Saying]
    is_clear: bool

    def chosen(self, choice: _Choice, slots: Mapping[str, Any], texts: Mapping[str, Any]) -> Match:
        """What changes anything is asked back where there is any doubt."""
        doubt = not self.is_clear and not choice.action.pure
        found = Match(choice.skill, choice.action, self.language, slots, texts)
        return replace(found, chosen=True, doubtful=doubt)


class Chooser:
    """Shared by all who ask."""

    def __init__(
        self,
        repertoire: Repertoire,
        llm: LanguageModel,
        embedder: Embedder,
        languages: Sequence[str],
        folder: Path | None = None,
    ) -> None:
        """``folder`` is where what is learnt of examples is kept. Reads files.

        Raises ``ConfigError``.
        """
        self._repertoire = repertoire
        self._llm = llm
        self._language = languages[0]
        self._likeness = Likeness(embedder, languages, folder)
        self._words = QuestionWords.load()

    async def learn(self) -> None:
        """Learn what may be meant, before anybody waits. Raises ``EngineError``."""
        await self._likeness.learn()

    async def prepare(self) -> None:
        """Learn it, wake what compares, and have the model read some examples.

        Raises ``EngineError``.
        """
        await self._likeness.of(TALK, {})
        await self._llm.warm(
            system_prompt=_SYSTEM, conversation_history=self._shown(), constant=True
        )

    async def choose(self, text: str, rank: Rank, before: Before = NOTHING_BEFORE) -> Match | None:
        """What ``text``, a whole utterance, asks for; ``None`` where that is nothing known.

        Raises ``EngineError``.
        """
        if not text.strip() or len(text) > _LONGEST:
            return None
        near = await self._near(text, before)
        if not near.choices:
            return None
        first = near.choices[0]
        if near.is_clear and len(near.choices) == 1 and not first.takes_anything:
            return near.chosen(first, {}, {})
        reply = await self._ask(text, near, rank)
        return await asyncio.to_thread(_read, reply, near, text)

    async def _near(self, text: str, before: Before) -> _Near:
        """What ``text`` is like."""
        known = {
            one.key: one
            for one in self._choices()
            if one.skill == before.skill or not one.action.follows
        }
        described = {key: one.action.about for key, one in known.items() if one.is_foreign}
        alike = await self._likeness.of(text, described)
        wishes = {key: like for key, like in alike.likely.items() if key in known}
        honest = {key: wishes.pop(key, 0.0) for key in (_UNKNOWN, _UNDONE)}
        honestly = max(honest, key=honest.__getitem__)
        like_cannot = wishes.get(_CANNOT, 0.0)
        nearest = max(wishes.values(), default=0.0)
        # What can't be had here, or not now, is talk as well.
        ahead = nearest - max(like for key, like in alike.likely.items() if key not in known)
        tools = {key: like for key, like in alike.described.items() if like >= _NEAR}
        near: Mapping[str, float] = {}
        if tools and max(tools.values()) > alike.nearest:
            near = tools
        elif honest[honestly] > nearest and self._is_clear(honestly, alike, text, before):
            # "Open up, somebody is waiting" is near "Who is waiting?"
            orders = not text.rstrip().endswith("?") and like_cannot >= honest[honestly] - _SAME
            choice = known[_CANNOT if orders else honestly]
            return _Near((choice,), alike.language, (), is_clear=True)
        elif honestly == _UNKNOWN and honest[_UNKNOWN] > nearest and self._was_told(text, before):
            pass  # it is known after all, to who answers
        elif ahead >= 0.0 and nearest >= _LEAST:
            near = {key: like for key, like in wishes.items() if like >= nearest - _SAME}
        keys = sorted(near, key=lambda key: near[key], reverse=True)[:_MOST]
        examples = [one for one in alike.examples if one.key in keys][:_LIKE_IT]
        if keys[:1] != [_CANNOT]:
            ahead = min(ahead, nearest - like_cannot)
        is_clear = ahead >= _CLEARLY_LIKELIER and not tools
        return _Near(tuple(known[key] for key in keys), alike.language, examples, is_clear)

    def _is_clear(self, honestly: str, alike: Alike, text: str, before: Before) -> bool:
        """Neither talk, nor about what a skill did, or the user told, before."""
        if alike.likely[honestly] < max(_CLEARLY_HONEST, alike.likely[TALK] + _SAME):
            return False
        return not (before.acted if honestly == _UNDONE else self._was_told(text, before))

    def _was_told(self, text: str, before: Before) -> bool:
        words = set(self._words.of(text))
        if not words:  # "What did she say?"
            return bool(before.told)
        return not words.isdisjoint(self._words.of(before.told))

    async def _ask(self, text: str, near: _Near, rank: Rank) -> str:
        grammar = await asyncio.to_thread(_grammar, near)
        told = [f"({one.name}: {one.action.about})" for one in near.choices if one.is_foreign]
        like_it = [(one.said, _call(one)) for one in reversed(near.examples)]
        return await self._llm.generate_simple(
            "\n".join([text, *told]),
            system_prompt=_SYSTEM,
            conversation_history=[*self._shown(), *like_it],
            structure=Structure(grammar=grammar),
            sampling={"temperature": 0.0, "repeat_penalty": 1.0},
            max_tokens=_MOST_TOKENS,
            rank=rank,
        )

    def _choices(self) -> list[_Choice]:
        return [
            _Choice(skill.name, action)
            for skill in self._repertoire.skills
            for action in skill.actions
        ]

    def _shown(self) -> list[tuple[str, str]]:
        """Some of the examples, as turns."""
        shown: list[tuple[str, str]] = []
        known = {one.key for one in self._choices() if one.takes_anything}
        count: Counter[str] = Counter()
        for one, language in self._likeness.sayings:
            count[one.key] += 1
            most = _TALKS if one.key == TALK else _SHOWN if one.key in known else 0
            if language == self._language and count[one.key] <= most:
                shown.append((one.said, _call(one)))
        return shown


def _text_of(kind: type) -> Mapping[str, Any]:
    """As a schema; a kind of slot may have a pattern that its text has in any language."""
    pattern = getattr(kind, "PATTERN", None)
    if pattern:
        return {"type": "string", "pattern": pattern}
    return {"type": "string", "minLength": 1, "maxLength": 80}


def _call(one: Saying) -> str:
    if one.key == TALK:
        return TALK
    return f"{one.skill}_{one.action} {json.dumps(dict(one.slots), ensure_ascii=False)}"


def _grammar(near: _Near) -> str:
    """Where one thing is clearly meant, it can't be taken for talk. Blocks to load what reads
    schemas."""
    calls, rules = [], []
    for number, choice in enumerate(near.choices):
        if choice.takes_anything:
            calls.append(f'"{choice.name} " tool{number}-root')
            rules += prefixed(number, grammar_of(Structure(schema=choice.schema)))
        else:
            calls.append(f'"{choice.name}"')
    if not near.is_clear or len(calls) > 1:
        calls.append(f'"{TALK}"')
    return "\n".join([f"root ::= {' | '.join(calls)}", *rules])


def _read(reply: str, near: _Near, said: str) -> Match | None:
    """The call that ``reply`` to what was ``said`` is; ``None`` for talk, and where its slots
    can't be that."""
    name, _, given = reply.strip().partition(" ")
    choice = next((one for one in near.choices if one.name == name), None)
    language = near.language
    if choice is None:
        return None
    try:
        texts = json.loads(given or "{}")
    except ValueError:  # it found no end
        return None
    if choice.action.schema is not None:
        return near.chosen(choice, texts, texts)
    readings = slot_readings(choice.action.run)
    # A model writes "30 minutes" for a quarter of an hour, and for nothing; the user's own words
    # are certain.
    certain = slots_within(choice.action.run, said, language)
    texts = {key: certain.get(key, texts.get(key, "")) for key in readings}
    texts = {key: text for key, text in texts.items() if text}
    run = choice.action.run
    if not slots_needed(run) <= texts.keys() or are_made_up(run, texts, said, language):
        return None
    slots = {}
    for key, text in texts.items():
        try:
            slots[key] = readings[key](text, language)
        except ValueError:
            if key in slots_needed(run):
                return None
    return near.chosen(choice, slots, {key: texts[key] for key in slots})
