"""Being there: listening, and waiting for who thinks."""

from __future__ import annotations

from typing import Final

from heisenberg.skills.base import Action, Call, Home
from heisenberg.skills.words import SkillWords

NAME: Final = "presence"


class Presence:
    """A ``Skill``. How long is listened after "give me a moment" is the room's business."""

    name = NAME

    def __init__(self, home: Home) -> None:
        """Blocks to read files."""
        self._words = SkillWords.load(NAME, home.languages)
        runs = {"here": self._here, "wait": self._wait}
        self.actions = tuple(
            Action(name, run, self._words.sentences(name, home.languages), pure=True)
            for name, run in runs.items()
        )

    async def _here(self, call: Call) -> str:
        return self._words.say(call.language, "here")

    async def _wait(self, call: Call) -> str:
        return self._words.say(call.language, "wait")
