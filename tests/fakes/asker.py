"""Somebody who asks skills for something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from heisenberg.core.errors import ModelMissing
from heisenberg.skills.base import Changeable
from heisenberg.tts.delivery import Delivery


async def _nothing(_prompt: str, _grammar: str) -> str:
    return ""


class ScriptedAsker:
    """An ``Asker`` in a room, with ``manner`` if it may be changed; ``forgot`` counts. Its model
    ``writes`` something to a prompt in a grammar; ``asked`` keeps both."""

    def __init__(
        self,
        answered: str = "",
        *,
        delivery: Delivery | None = None,
        manner: Changeable | None = None,
        writes: Callable[[str, str], Awaitable[str]] = _nothing,
    ) -> None:
        self.answered = answered
        self.delivery = delivery
        self.manner = manner
        self.writes = writes
        self.asked: list[tuple[str, str]] = []
        self.forgot = 0

    async def write(self, prompt: str, *, grammar: str, **_how: Any) -> str:
        self.asked.append((prompt, grammar))
        return await self.writes(prompt, grammar)

    async def forget(self) -> None:
        self.forgot += 1


class ScriptedManner:
    """A ``Changeable`` with ``there`` as models, of which the last one can't be used."""

    def __init__(self, *there: str) -> None:
        self._there = there
        self.model = there[0] if there else "remote"
        self.personality = ""

    async def models(self) -> Sequence[str]:
        return self._there

    async def use_model(self, name: str) -> None:
        if name == self._there[-1]:
            raise ModelMissing(f"The model '{name}' is not there.", "Fetch it.")
        self.model = name

    async def personalities(self) -> Sequence[str]:
        return ("concise", "default", "friendly")

    async def use_personality(self, name: str) -> None:
        self.personality = name
