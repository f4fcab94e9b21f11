"""Who answers: another model, another personality."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from heisenberg.core.errors import HeisenbergError, SkillError
from heisenberg.llm.prompts import SYSTEM_PROMPTS
from heisenberg.skills.base import Action, Call, Changeable, Home, Run
from heisenberg.skills.words import SkillWords, read_table

NAME: Final = "settings"

_NEAR: Final = 75
"""Of 100: how like its name must be what was heard of it."""
_LOADING_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Language:
    """A language as it was called, and its code (ISO 639-1)."""

    said: str
    code: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is none."""
        codes = read_table(language, NAME).get("languages", {})
        if text.lower() not in codes:
            raise ValueError(f"'{text}' is no language")
        return cls(text, codes[text.lower()])


@dataclass(frozen=True, slots=True)
class Personality:
    """One of those in ``prompts/``, and how it was called."""

    said: str
    name: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """Raises ``ValueError`` for what is none: who says "be careful" wants something else."""
        words = read_table(language, NAME).get("personalities", {})
        plain = text.lower().strip()
        for name in _there():
            if plain == name or plain in words.get(name, ()):
                return cls(text, name)
        raise ValueError(f"'{text}' is no personality")


@functools.cache
def _there() -> tuple[str, ...]:
    """Reads a folder, once: who adds one starts Heisenberg anew."""
    return tuple(SYSTEM_PROMPTS)


class Settings:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._languages = home.languages
        _there()
        runs: dict[str, tuple[Run, bool, float, str]] = {
            "model": (self._model, False, _LOADING_S, "Let another language model answer"),
            "another_model": (self._another_model, False, _LOADING_S, ""),
            "language": (self._language, True, 5.0, "Speak another language"),
            "which_model": (self._which_model, True, 5.0, "Tell which language model answers"),
            "models": (self._models, True, 5.0, "Tell which language models there are"),
            "personality": (self._personality, False, 5.0, "Answer in another manner"),
            "personalities": (self._personalities, True, 5.0, "Tell which manners there are"),
        }
        self.actions = tuple(
            Action(
                name,
                run,
                self._words.sentences(name, home.languages),
                pure=pure,
                timeout_s=timeout_s,
                about=about,
            )
            for name, (run, pure, timeout_s, about) in runs.items()
        )

    async def _model(self, call: Call, name: str) -> str:
        manner = self._changeable(call)
        models = await manner.models()
        if not models:
            raise SkillError(self._words.say(call.language, "on_a_server"))
        found = _nearest(name, models)
        if found is None:
            there = ", ".join(map(_spoken, models))
            raise SkillError(self._words.say(call.language, "no_model", name=name, names=there))
        try:
            await manner.use_model(found)
        except HeisenbergError as exc:
            raise SkillError(exc.message) from exc
        return self._words.say(call.language, "model", name=_spoken(found))

    async def _another_model(self, call: Call) -> str:
        """The other one; of several others, one must be named."""
        manner = self._changeable(call)
        others = [one for one in await manner.models() if one != manner.model]
        if len(others) == 1:
            return await self._model(call, others[0])
        if not others:
            raise SkillError(self._words.say(call.language, "no_other"))
        names = ", ".join(map(_spoken, others))
        raise SkillError(self._words.say(call.language, "which_other", names=names))

    async def _language(self, call: Call, language: Language) -> str:
        """What is spoken follows from the settings; what is understood, from what is said."""
        reply = "understood" if language.code in self._languages else "not_understood"
        return self._words.say(call.language, reply, name=language.said)

    async def _which_model(self, call: Call) -> str:
        name = _spoken(self._changeable(call).model)
        return self._words.say(call.language, "which_model", name=name)

    async def _models(self, call: Call) -> str:
        models = await self._changeable(call).models()
        if not models:
            raise SkillError(self._words.say(call.language, "on_a_server"))
        return self._words.say(call.language, "models", names=", ".join(map(_spoken, models)))

    async def _personality(self, call: Call, name: Personality) -> str:
        manner = self._changeable(call)
        try:
            await manner.use_personality(name.name)
        except HeisenbergError as exc:
            raise SkillError(exc.message) from exc
        return self._words.say(call.language, "personality", name=name.said)

    async def _personalities(self, call: Call) -> str:
        names = ", ".join(await self._changeable(call).personalities())
        return self._words.say(call.language, "personalities", names=names)

    def _changeable(self, call: Call) -> Changeable:
        """Raises ``SkillError`` where nothing can be changed."""
        if call.asker is None or call.asker.manner is None:
            raise SkillError(self._words.say(call.language, "not_here"))
        return call.asker.manner


def _spoken(model: str) -> str:
    """The name without what nobody says: how it is quantized."""
    return re.sub(r"-(?:instruct|chat|q\d\w*|f16|bf16)(?=-|$)", "", model.lower())


def _nearest(name: str, there: Sequence[str]) -> str | None:
    """The one that is like ``name`` as it was heard."""
    from rapidfuzz import fuzz, process

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", "", _spoken(text))

    found = process.extractOne(
        plain(name), [plain(one) for one in there], scorer=fuzz.partial_ratio, score_cutoff=_NEAR
    )
    return None if found is None else there[found[2]]
