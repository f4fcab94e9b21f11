"""Who answers in a conversation, and as what: what may be changed while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from heisenberg.core.errors import ConfigError
from heisenberg.llm.base import LanguageModel
from heisenberg.llm.prompts import SYSTEM_PROMPTS, system_prompt
from heisenberg.llm.switch import SwitchableLLM


class Manner:
    """A ``Changeable``. ``personality`` is what the model is told in place of what is configured;
    empty: nothing else."""

    def __init__(
        self,
        llm: LanguageModel,
        switch: SwitchableLLM | None,
        installed: Callable[[], Sequence[str]],
        language: str,
    ) -> None:
        """``switch`` changes the model, where one runs in this process; ``installed``, which may
        block, names those that are here."""
        self._llm = llm
        self._switch = switch
        self._installed = installed
        self._language = language
        self.personality = ""

    @property
    def model(self) -> str:
        return self._llm.info.name

    async def models(self) -> Sequence[str]:
        return () if self._switch is None else await asyncio.to_thread(self._installed)

    async def use_model(self, name: str) -> None:
        if self._switch is None:
            raise ConfigError(
                "The language model runs on a server, which chooses it.",
                "Set llm.model, or llm.backend to 'inprocess'.",
            )
        await self._switch.use(name)

    async def personalities(self) -> Sequence[str]:
        return await asyncio.to_thread(lambda: tuple(SYSTEM_PROMPTS))

    async def use_personality(self, name: str) -> None:
        self.personality = await asyncio.to_thread(system_prompt, name, self._language)
