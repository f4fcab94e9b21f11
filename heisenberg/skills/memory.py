"""Forgetting what was said."""

from __future__ import annotations

from typing import Final

from heisenberg.core.errors import SkillError
from heisenberg.skills.base import Action, Call, Home
from heisenberg.skills.words import SkillWords

NAME: Final = "memory"


class Memory:
    """A ``Skill``."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        sentences = self._words.sentences("forget", home.languages)
        about = "Forget everything that was said in this conversation"
        self.actions = (Action("forget", self._forget, sentences, about=about),)

    async def _forget(self, call: Call) -> str:
        if call.asker is None:
            raise SkillError(self._words.say(call.language, "nothing"))
        await call.asker.forget()
        return self._words.say(call.language, "forgotten")
