"""Language models that are loaded from nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from heisenberg.core.errors import HeisenbergError, InputError
from heisenberg.llm.base import ModelInfo
from tests.fakes.llm import ScriptedLanguageModel


class NamedModel(ScriptedLanguageModel):
    """Answers with its name; the reply waits for ``gate``."""

    def __init__(self, name: str, gate: asyncio.Event | None = None) -> None:
        super().__init__([["I am ", name]], gates={1: gate} if gate else {})
        self.name = name

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(self.name, "fake", 4096)


class ScriptedShelf:
    """A ``Shelf`` of models that need so many bytes. ``broken`` ones fail to load; ``opened`` and
    ``models`` keep what was; a model in ``gates`` stops in the middle of its replies, one in
    ``loading`` while it is loaded."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        self.broken: dict[str, HeisenbergError] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.loading: dict[str, asyncio.Event] = {}
        self.opened: list[str] = []
        self.models: dict[str, NamedModel] = {}

    async def find(self, name: str) -> tuple[str, int]:
        known = name.removeprefix("the ")
        if known not in self._sizes:
            raise InputError(f"There is no model '{name}'.")
        return known, self._sizes[known]

    async def open(self, name: str) -> NamedModel:
        if name in self.broken:
            raise self.broken[name]
        if name in self.loading:
            await self.loading[name].wait()
        self.opened.append(name)
        self.models[name] = NamedModel(name, self.gates.get(name))
        return self.models[name]
