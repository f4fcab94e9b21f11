"""What a program that helps the user can ask of a running Heisenberg."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from heisenberg.core.app import App
from heisenberg.core.errors import InputError, ServiceError
from heisenberg.core.services import Services
from heisenberg.service.ask_command import ask_command
from heisenberg.service.control import Handler
from heisenberg.service.guest_commands import guest_commands
from heisenberg.service.timer_commands import timer_commands
from heisenberg.service.wire import SEARCH

_MOST_PASSAGES: Final = 20


def agent_commands(app: App, language: str) -> dict[str, Handler]:
    """Handlers for all of it; ``language`` is what a timer that is set speaks."""
    return {
        **ask_command(app.services),
        **_search_command(app.services),
        **timer_commands(app.services, language),
        **guest_commands(app),
    }


def _search_command(services: Services) -> dict[str, Handler]:
    async def search(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        text, limit = request.get("text"), request.get("limit")
        if not isinstance(text, str) or not text.strip():
            raise InputError("The request asks nothing.", "Send 'text'.")
        if not isinstance(limit, int) or not 0 < limit <= _MOST_PASSAGES:
            raise InputError(
                "The request says not how many.", f"'limit' is up to {_MOST_PASSAGES}."
            )
        if services.documents is None:
            raise ServiceError("There are no documents.", "'heisenberg docs add PATH' adds some.")
        hits = [hit.passage for hit in await services.documents.knowledge.search(text, limit)]
        yield {
            "ok": True,
            "passages": [
                {"file": one.file, "line": one.line, "heading": one.heading, "text": one.text}
                for one in hits
            ],
        }

    return {SEARCH: search}
