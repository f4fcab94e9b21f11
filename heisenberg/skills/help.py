"""What Heisenberg can do, told to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from heisenberg.skills.base import Action, Call, Home, Remembers, Skill
from heisenberg.skills.words import SkillWords, read_table

NAME: Final = "help"
CANNOT: Final = "cannot"
"""The action that does nothing, and says so."""
UNKNOWN: Final = "unknown"
"""The action that knows nothing, and says so."""
UNDONE: Final = "undone"
"""The action that tells who asks whether something was done that nothing was."""

_log = structlog.get_logger(__name__)


class Help:
    """A ``Skill`` that knows the others."""

    name = NAME

    def __init__(self, home: Home, skills: Sequence[Skill]) -> None:
        """``skills`` are all the others. Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        self._remembering = [skill for skill in skills if isinstance(skill, Remembers)]
        self._able = {
            language: [
                read_table(language, skill.name).get("about", skill.name) for skill in skills
            ]
            for language in home.languages
        }
        sentences = self._words.sentences("tell", home.languages)
        self.actions = (
            Action("tell", self._tell, sentences, pure=True),
            Action(CANNOT, self._cannot, {}, pure=True),
            Action(UNKNOWN, self._unknown, {}, pure=True),
            Action(UNDONE, self._undone, {}, pure=True),
        )

    async def _tell(self, call: Call) -> str:
        *firsts, last = [*self._able[call.language], self._words.say(call.language, "answer")]
        if not firsts:
            return self._words.say(call.language, "able", what=last)
        joint = self._words.say(call.language, "and")
        return self._words.say(call.language, "able", what=f"{', '.join(firsts)} {joint} {last}")

    async def _cannot(self, call: Call) -> str:
        """What nobody here can do is known by examples alone."""
        return self._words.say(call.language, CANNOT)

    async def _unknown(self, call: Call) -> str:
        """Who looks at nothing but what is said to him can't know how the world is just now, unless
        somebody has told it."""
        for skill in self._remembering:
            try:
                said = await skill.recall(call)
            except Exception as exc:  # anybody's code; what it remembers is as good as forgotten
                _log.warning("a skill can't recall", skill=skill.name, reason=str(exc))
            else:
                if said:
                    return said
        return self._words.say(call.language, UNKNOWN)

    async def _undone(self, call: Call) -> str:
        """What a skill does is told at once; a model only talks."""
        return self._words.say(call.language, UNDONE)
