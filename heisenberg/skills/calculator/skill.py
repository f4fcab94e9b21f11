"""The calculator: exact, where a language model guesses."""

from __future__ import annotations

import asyncio
from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home
from heisenberg.skills.calculator.sums import Sum, TooLarge, Undefined, load_operators, said_number
from heisenberg.skills.words import SkillWords

NAME: Final = "calculator"


class Calculator:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        languages = home.languages
        self._words = SkillWords.load(NAME, languages)
        for language in languages:
            load_operators(language)
        sentences = self._words.sentences("compute", languages)
        self.actions = (Action("compute", self._compute, sentences, pure=True),)

    async def _compute(self, call: Call, what: Sum) -> str:
        try:
            value = what.result
        except Undefined as exc:
            raise SkillError(self._words.say(call.language, "undefined")) from exc
        except TooLarge as exc:
            raise SkillError(self._words.say(call.language, "too_large")) from exc
        text, exact = await asyncio.to_thread(said_number, value, call.language)
        return self._words.say(call.language, "result" if exact else "about", result=text)
