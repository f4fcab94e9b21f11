"""``/v1/models``, and what the names of models stand for there."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter

from heisenberg.api.errors import UnknownModel
from heisenberg.api.models import installed_models
from heisenberg.core.services import Services
from heisenberg.store.store import Store

PRESENT: Final = "heisenberg"
"""The model that answers, whichever it is."""
_OWNER: Final = "heisenberg"


class ModelNames:
    """Which names of language models can be asked for."""

    def __init__(self, services: Services, store: Store) -> None:
        self._services = services
        self._store = store

    async def all(self) -> list[str]:
        """``PRESENT``, the one that answers, and the others that can be loaded here."""
        names = [PRESENT, self._services.llm.info.name]
        if self._services.switch is not None:
            installed = await asyncio.to_thread(installed_models, self._store)
            names += [one["name"] for one in installed]
        return list(dict.fromkeys(names))

    async def find(self, name: str) -> str | None:
        """The model that ``name`` stands for; ``None`` is the one that answers.

        Raises ``UnknownModel``.
        """
        if name in (PRESENT, self._services.llm.info.name):
            return None
        known = await self.all()
        if name not in known:
            raise UnknownModel(f"There is no model '{name}'.", f"Known: {', '.join(known)}.")
        return name


def openai_model_routes(names: ModelNames, embedding: str | None) -> APIRouter:
    """``embedding`` is the name of the model for ``/v1/embeddings``, if there is one."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.get("/models")
    async def listed() -> dict[str, Any]:
        """What can be asked for by name."""
        known = [*await names.all(), *([embedding] if embedding else [])]
        return {"object": "list", "data": [_told(name) for name in known]}

    @routes.get("/models/{name}")
    async def one(name: str) -> dict[str, Any]:
        """Whether it can be."""
        if name != embedding:
            await names.find(name)
        return _told(name)

    return routes


def _told(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": _OWNER}
