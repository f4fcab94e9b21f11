"""``/api/control`` and ``/api/events``: the room, asked and watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, WebSocket

from heisenberg.api.schemas import FAILURES, Control
from heisenberg.api.status import Status
from heisenberg.api.watching import Watchers
from heisenberg.core.app import App, Spoken
from heisenberg.core.errors import NoRoom


def control_routes(app: App, status: Status, on_drop: Callable[[], None]) -> APIRouter:
    """``on_drop`` hears of each client that did not keep up with the events."""
    routes = APIRouter(prefix="/api", tags=["room"])
    watchers = Watchers(app.bus, status, on_drop)

    def spoken() -> Spoken:
        if app.spoken is None:
            raise NoRoom("Heisenberg runs without sound.", "Start it without --no-audio.")
        return app.spoken

    @routes.post("/control", responses=FAILURES)
    async def control(body: Control) -> dict[str, Any]:
        """Press the key, let it go, tap it; be silent; hear nothing, or hear again."""
        room, button = spoken().room, spoken().button
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "down": button.press,
            "up": button.release,
            "press": button.tap,
            "stop": button.cancel,
            "mute": room.mute,
            "unmute": room.unmute,
        }
        await acts[body.command]()
        return {"state": room.state, "muted": room.muted, "drafting": room.drafting}

    @routes.get("/status", tags=["status"], responses=FAILURES)
    async def show_status() -> dict[str, Any]:
        """How Heisenberg is: the room, the model, the machine, the last turns."""
        return await status.tell()

    @routes.websocket("/events")
    async def events(socket: WebSocket) -> None:
        await socket.accept()
        await watchers.tell(socket)

    return routes
