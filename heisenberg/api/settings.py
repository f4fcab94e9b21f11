"""``/api/settings``: what is set, without secrets."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from heisenberg.api.schemas import FAILURES
from heisenberg.core.config import Config


def settings_routes(config: Config) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["status"], responses=FAILURES)

    @routes.get("/settings")
    async def settings() -> dict[str, Any]:
        """The effective configuration; a secret is shown as stars."""
        return config.model_dump(mode="json")

    return routes
