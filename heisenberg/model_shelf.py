"""The language models of this installation: those of the store, and files by their path."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs
import structlog

from heisenberg.llm.base import ModelInfo, Sampling
from heisenberg.llm.broker import Broker
from heisenberg.machine.memory import allowed_bytes, free_bytes
from heisenberg.machine.native import require_file
from heisenberg.store.needs import is_path
from heisenberg.store.selection import room_for_models_mb
from heisenberg.store.store import Presence, Store

_log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.llm.inprocess.fitting import FittedWeights
    from heisenberg.llm.stream import LlamaCppLLM
    from heisenberg.store.catalogue import Entry

_MB: Final = 10**6
_LONG_S: Final = 2.0
_BEYOND_FILE: Final = 1.25
"""Of its file's size, what a model needs that the catalogue does not know."""


def fitted_weights() -> FittedWeights:
    """Those of this installation's models that were made anew for the processor."""
    from heisenberg.llm.inprocess.fitting import FittedWeights

    return FittedWeights(platformdirs.user_cache_path("heisenberg") / "weights")


class LoadLog:
    """Tells in the log how far a model is loaded, a quarter at a time, where that takes long."""

    def __init__(self, name: str, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._now_s = now_s
        self._began_s = now_s()
        self._told = 0

    def __call__(self, share: float) -> None:
        quarters = int(4 * share)
        if quarters > self._told and self._now_s() - self._began_s > _LONG_S:
            _log.info("language model loads", model=self._name, percent=25 * quarters)
        self._told = quarters


class InstalledModels:
    """A ``Shelf``: its models take turns at the processor, whichever of them is asked."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._broker = Broker()

    async def find(self, name: str) -> tuple[str, int]:
        return await asyncio.to_thread(self._find, name)

    async def open(self, name: str) -> LlamaCppLLM:
        model = await asyncio.to_thread(self._make, name)
        try:
            await model.load()
        except BaseException:
            await model.aclose()
            raise
        return model

    async def smaller(self, name: str) -> Sequence[str]:
        """Installed models that need less memory, the largest first. None for a file by its path:
        whoever names one wants that one."""
        if is_path(name):
            return ()
        return await asyncio.to_thread(self._smaller, name)

    async def describe(self, name: str) -> ModelInfo:
        """What is known of a model before it is loaded. Raises ``InputError``."""
        if not is_path(name):
            name = (await asyncio.to_thread(self._entry, name)).id
        return ModelInfo(name, "inprocess", self._config.llm.context_tokens)

    def capacity_bytes(self) -> int:
        """What the language models may hold together; to be asked before one is loaded."""
        if self._config.llm.memory_mb is not None:
            return self._config.llm.memory_mb * _MB
        rules = self._store.catalogue.selection
        return int(_MB * room_for_models_mb(rules, allowed_bytes() // _MB, free_bytes() // _MB))

    def _find(self, name: str) -> tuple[str, int]:
        if is_path(name):
            path = require_file(Path(name).expanduser())
            return name, int(path.stat().st_size * _BEYOND_FILE)
        entry = self._entry(name)
        self._store.locate(entry.id)
        return entry.id, entry.memory_mb * _MB

    def _make(self, name: str) -> LlamaCppLLM:
        from heisenberg.llm.stream import LlamaCppLLM

        config, path, sampling = self._config, Path(name).expanduser(), None
        if not is_path(name):
            entry = self._entry(name)
            known = asdict(entry.sampling)
            sampling = Sampling(**{key: value for key, value in known.items() if value is not None})
            path = fitted_weights().of(self._store.locate(entry.id))
        return LlamaCppLLM(
            config.llm,
            model_path=path,
            name=name,
            sampling=sampling,
            language=config.languages[0],
            states_folder=platformdirs.user_cache_path("heisenberg") / "prompts",
            broker=self._broker,
            on_progress=LoadLog(name),
        )

    def _smaller(self, name: str) -> list[str]:
        limit_mb = self._entry(name).memory_mb
        models = (one for one in self._store.catalogue.models if one.role == "llm")
        fitting = [
            one
            for one in models
            if one.memory_mb < limit_mb and self._store.presence(one) is Presence.INSTALLED
        ]
        return [one.id for one in sorted(fitting, key=lambda one: -one.memory_mb)]

    def _entry(self, name: str) -> Entry:
        config = self._config
        return self._store.resolve("llm", name, config.profile, config.languages)
