"""Timers, set and cancelled by programs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from heisenberg.core.errors import InputError, ServiceError
from heisenberg.core.services import Services
from heisenberg.service.control import Handler
from heisenberg.service.wire import TimerCommand
from heisenberg.skills.timers.book import TimerBook

_LONGEST_S: Final = 366 * 24 * 3600
_LONGEST_NAME: Final = 100


def timer_commands(services: Services, language: str) -> dict[str, Handler]:
    """Handlers for every ``TimerCommand``; ``language`` is what a timer that is set speaks."""

    def handler(change: Callable[[TimerBook, Mapping[str, Any]], None]) -> Handler:
        async def answer(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
            book = services.timers
            if book is None:
                raise ServiceError("There are no timers here.", "Remove 'timers' from skills.off.")
            yield {"ok": True, "timers": await asyncio.to_thread(_changed, book, change, request)}

        return answer

    def set_one(book: TimerBook, request: Mapping[str, Any]) -> None:
        seconds, name = request.get("seconds"), request.get("name", "")
        if not isinstance(seconds, int) or not 0 < seconds < _LONGEST_S:
            raise InputError("The request names no time.", "Send 'seconds', up to a year of them.")
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            raise InputError("The name can't be used.", f"Up to {_LONGEST_NAME} characters.")
        book.set(timedelta(seconds=seconds), language, name=name)

    def cancel(book: TimerBook, request: Mapping[str, Any]) -> None:
        found = [one for one in book.all() if one.id == request.get("id")]
        if not found:
            raise InputError(f"There is no timer {request.get('id')}.", "List those that run.")
        book.drop(*found)

    return {
        TimerCommand.LIST.value: handler(lambda _book, _request: None),
        TimerCommand.SET.value: handler(set_one),
        TimerCommand.CANCEL.value: handler(cancel),
    }


def _changed(
    book: TimerBook,
    change: Callable[[TimerBook, Mapping[str, Any]], None],
    request: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """All that then run; blocks to read and write files."""
    change(book, request)
    return [
        {
            "id": one.id,
            "kind": one.kind.value,
            "name": one.name or one.about,
            "left_s": round(one.left(book.now_s).total_seconds()),
        }
        for one in book.all()
    ]
