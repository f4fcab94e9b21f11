"""Skills that note what they were asked, and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from heisenberg.skills.base import Action, Call, Skill
from heisenberg.skills.repertoire import Repertoire

NOW = datetime(2026, 11, 29, 14, 5, tzinfo=UTC)
"""A Sunday."""
LAMP: Mapping[str, Sequence[str]] = {
    "en": ["switch on the {lamp} lamp", "switch the {lamp} lamp on"],
    "fr": ["allume la lampe {lamp}"],
}


class ScriptedSkill:
    """A ``Skill`` with one action, which ``says`` something, or raises it, or returns rubbish;
    ``gate`` holds it up. ``foretells`` is what it says it will say."""

    def __init__(
        self,
        says: Any = "It is on.",
        *,
        name: str = "lamps",
        sentences: Mapping[str, Sequence[str]] = LAMP,
        pure: bool = False,
        gate: asyncio.Event | None = None,
        timeout_s: float = 5.0,
        foretells: str | None = None,
    ) -> None:
        self.name = name
        foretell = None if foretells is None else self._foretell
        action = Action("on", self._run, sentences, pure, timeout_s, foretell=foretell)
        self.actions = (action,)
        self._foretells = foretells
        self.asked: list[str] = []
        self.done: list[str] = []
        self.began = asyncio.Event()
        self._says = says
        self._gate = gate

    async def _foretell(self, call: Call, lamp: str = "") -> str:
        del call, lamp
        assert self._foretells is not None
        return self._foretells

    async def _run(self, call: Call, lamp: str = "") -> str:
        self.asked.append(f"{call.language}:{lamp}")
        self.began.set()
        if self._gate is not None:
            await self._gate.wait()
        if isinstance(self._says, Exception):
            raise self._says
        self.done.append(lamp)
        said: str = self._says
        return said


async def repertoire(*skills: Skill, languages: Sequence[str] = ("en",)) -> Repertoire:
    """What can do all of them; it is always ``NOW``."""
    return await asyncio.to_thread(Repertoire, skills, languages, lambda: NOW)


async def answer(can: Repertoire, text: str) -> str | None:
    """What is said to ``text``; ``None`` where it is for the model."""
    match = can.find(text)
    return None if match is None else await can.run(match)
