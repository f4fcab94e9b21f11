"""What a program can ask of a running room: to say something, to tell what the user says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, Final

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.app import App
from heisenberg.core.errors import InputError
from heisenberg.core.guest import RoomGuest
from heisenberg.service.control import Handler
from heisenberg.service.wire import LONGEST_SAID, GuestCommand

_LONGEST_WAIT_S: Final = 600.0
_SIGN_S: Final = 1.0


def guest_commands(app: App) -> dict[str, Handler]:
    """Handlers for every ``GuestCommand``; where there is no room, that is the answer."""

    async def say(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        text = request.get("text")
        if not isinstance(text, str) or not any(map(str.isalnum, text)):
            raise InputError("There is no word to say.", "Send 'text'.")
        if len(text) > LONGEST_SAID:
            raise InputError(f"That is longer than {LONGEST_SAID} characters.", "Say less at once.")
        saying = RoomGuest(app.room, app.bus).say(text)
        async for part in _with_signs(saying, "heard"):
            yield part

    async def listen(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        wait_s, at_once = request.get("wait_s"), request.get("at_once")
        if not isinstance(wait_s, int | float) or not 0 <= wait_s <= _LONGEST_WAIT_S:
            raise InputError(
                "The request does not say how long to wait.",
                f"Send 'wait_s', in seconds, up to {_LONGEST_WAIT_S:g}.",
            )
        listening = RoomGuest(app.room, app.bus).listen(wait_s, at_once=at_once is True)
        async for part in _with_signs(listening, "text"):
            yield part

    return {GuestCommand.SAY.value: say, GuestCommand.LISTEN.value: listen}


async def _with_signs(
    work: Coroutine[Any, Any, object], name: str
) -> AsyncGenerator[Mapping[str, Any], None]:
    """The result of ``work``; until then signs, by which it is noticed when who asked has left."""
    working = asyncio.create_task(work, name="guest")
    try:
        while not (await asyncio.wait({working}, timeout=_SIGN_S))[0]:
            yield {}
        yield {"ok": True, name: working.result()}
    finally:
        await cancel_and_wait(working)
