"""What is asked for, by templates of sentences: hassil's, without any model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from heisenberg.core.errors import ConfigError
from heisenberg.skills.base import Action, Skill
from heisenberg.skills.slots.durations import load_durations
from heisenberg.skills.slots.readings import Reading, slot_readings, slots_needed
from heisenberg.skills.understanding.sounding import Sounding
from heisenberg.skills.understanding.spoken import Spoken
from heisenberg.skills.understanding.templates import Templates

_LONGEST: Final = 300
"""Characters. Nobody asks for a skill with more."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was asked for, in which language, the values of its slots, and the words of these;
    ``chosen``: by a model, where no sentence fits; ``doubtful``: it may not be what was meant."""

    skill: str
    action: Action
    language: str
    slots: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False
    doubtful: bool = False

    @property
    def pure(self) -> bool:
        return self.action.pure


@dataclass(frozen=True, slots=True)
class _Known:
    """An action whose sentences are known."""

    skill: str
    action: Action
    readings: Mapping[str, Reading]
    needed: frozenset[str]


class Understanding:
    """Knows how each of several skills is asked for."""

    def __init__(self, skills: Sequence[Skill], languages: Sequence[str]) -> None:
        """``languages`` are those that are spoken, the usual one first; reading them takes a
        moment. Raises ``ConfigError`` for sentences that can't be used."""
        self._known: dict[str, _Known] = {}
        for skill in skills:
            for action in skill.actions:
                self._known[f"{skill.name}.{action.name}"] = _known(skill, action)
        self._templates = {one: _templates(self._known, one) for one in languages}
        soundings = {one: Sounding.load(one) for one in languages}
        self._by_sound = {
            one: _templates(self._known, one, sounding)
            for one, sounding in soundings.items()
            if sounding
        }
        self._spoken = {one: Spoken.load(one) for one in languages}
        for language in languages:
            load_durations(language)  # now, and not while somebody waits

    def find(self, text: str, after: str = "") -> Match | None:
        """What ``text``, a whole utterance, asks for; ``None`` where that is no skill. ``after`` is
        the skill that was asked for just before.

        Where several fit, one that follows, and of these the one of which the most words are the
        template's own. What fits as it is written goes before what only fits once slips of a
        recogniser are mended, and that before what only sounds like it.
        """
        if not text.strip() or len(text) > _LONGEST:
            return None
        requests = {one: spoken.request(text) for one, spoken in self._spoken.items()}
        as_said = {one: spoken.as_said(text) for one, spoken in self._spoken.items()}
        mended = {one: self._spoken[one].mended(request) for one, request in requests.items()}
        tried: set[tuple[str, str]] = set()
        for texts in (requests, as_said, mended):
            for language, request in texts.items():
                if (language, request) in tried:
                    continue
                tried.add((language, request))
                if found := self._best(self._templates[language], request, language, after):
                    return found
        for language, templates in self._by_sound.items():
            for request in dict.fromkeys((requests[language], mended[language])):
                if found := self._best(templates, request, language, after):
                    return found
        return None

    def find_all(self, text: str, after: str = "") -> Sequence[Match]:
        """The same where ``text`` may ask for several things, in their order: if it asks for none
        as a whole, but each of its parts does."""
        if whole := self.find(text, after):
            return (whole,)
        if len(text) <= _LONGEST:
            for spoken in self._spoken.values():
                if found := self._parted(text, spoken):
                    return found
        return ()

    def _parted(self, text: str, spoken: Spoken) -> Sequence[Match]:
        """What each of at least two parts asks for; nothing where one asks for nothing."""
        for before, behind in spoken.halves(text):
            if first := self.find(before):
                rest = self.find(behind)
                others = (rest,) if rest else self._parted(behind, spoken)
                if others:
                    return (first, *others)
        return ()

    def _best(self, templates: Templates, request: str, language: str, after: str) -> Match | None:
        fitting = self._fitting(templates, request, language, after)
        best = min(fitting, key=lambda one: (not one[1].action.follows, one[0]), default=None)
        return None if best is None else best[1]

    def _fitting(
        self, templates: Templates, text: str, language: str, after: str
    ) -> Iterator[tuple[int, Match]]:
        """What fits, each with how many characters are in slots."""
        for name, texts in templates.fitting(text):
            known = self._known[name]
            if known.action.follows and known.skill != after:
                continue
            try:
                slots = {
                    slot: known.readings[slot](words, language) for slot, words in texts.items()
                }
            except ValueError:
                continue
            if known.needed <= slots.keys():
                size = sum(map(len, texts.values()))
                yield size, Match(known.skill, known.action, language, slots, texts)


def _known(skill: Skill, action: Action) -> _Known:
    if action.schema is not None:  # what it takes no sentence can give
        return _Known(skill.name, action, {}, frozenset())
    try:
        readings = slot_readings(action.run)
    except (TypeError, NameError) as exc:
        raise ConfigError(
            f"The skill '{skill.name}' can't be used: {action.name}: {exc}.", "Correct it."
        ) from exc
    return _Known(skill.name, action, readings, slots_needed(action.run))


def _templates(
    known: Mapping[str, _Known], language: str, sounding: Sounding | None = None
) -> Templates:
    """The sentences in one language."""
    sentences = {name: one.action.sentences.get(language, ()) for name, one in known.items()}
    return Templates(
        language,
        {name: some for name, some in sentences.items() if some},
        {name: frozenset(one.readings) for name, one in known.items()},
        sounding,
    )
