"""``/api/models``: the language models in memory, and those that could be."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter

from heisenberg.api.errors import NoSwitch
from heisenberg.api.schemas import FAILURES, ModelNamed
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.store.needs import is_path
from heisenberg.store.store import Presence, Store

_MB: Final = 10**6


def model_routes(app: App, config: Config, store: Store) -> APIRouter:
    routes = APIRouter(prefix="/api/models", tags=["models"], responses=FAILURES)

    def switch() -> SwitchableLLM:
        found = app.services.switch
        if found is None:
            raise NoSwitch(
                "The language model runs on a server, which chooses it.",
                "Set llm.model, or llm.backend to 'inprocess'.",
            )
        return found

    async def state() -> dict[str, Any]:
        now = switch()
        return {**now.as_dict(), "installed": await asyncio.to_thread(installed_models, store)}

    @routes.get("")
    async def listed() -> dict[str, Any]:
        """Which answers, which are in memory, and which are installed."""
        return await state()

    @routes.post("/use")
    async def use(body: ModelNamed) -> dict[str, Any]:
        """Answer with another model from the next reply on."""
        await switch().use(_known(config, body.model))
        await app.warm()
        return await state()

    @routes.post("/load")
    async def load(body: ModelNamed) -> dict[str, Any]:
        """Take a model into memory, for who will ask it by its name."""
        async with switch().pool.lease(_known(config, body.model)):
            return await state()

    @routes.post("/unload")
    async def unload(body: ModelNamed) -> dict[str, Any]:
        """Take a model out of memory that nobody uses."""
        await switch().pool.unload(body.model)
        return await state()

    return routes


def installed_models(store: Store) -> list[dict[str, Any]]:
    """The language models of the catalogue that are here, as JSON. It reads files."""
    return [
        {
            "name": entry.id,
            "title": entry.name,
            "needs_mb": entry.memory_mb,
            "file_mb": entry.size // _MB,
        }
        for entry in store.catalogue.models
        if entry.role == "llm" and store.presence(entry) is Presence.INSTALLED
    ]


def _known(config: Config, name: str) -> str:
    """``name``, if it is one of the catalogue: a path is not for those who ask over the network.

    The model that was configured by its path is known too. Raises ``InputError``.
    """
    if is_path(name) and name != config.llm.model:
        raise InputError(
            f"'{name}' is not the name of a language model.", "GET /api/models lists them."
        )
    return name
