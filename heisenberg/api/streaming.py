"""Answers that are sent while they are made, and work that ends with who waits for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse

from heisenberg.api.errors import body_of
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.errors import EngineError, HeisenbergError

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class ClientGone(Exception):
    """Who asked does not wait for the answer any more."""


def sent_event(data: Any, event: str | None = None) -> str:
    """A Server-Sent Event with ``data`` as JSON, which has no line ends."""
    named = f"event: {event}\n" if event else ""
    return f"{named}data: {json.dumps(data, ensure_ascii=False)}\n\n"


def events_response(events: AsyncGenerator[str, None]) -> StreamingResponse:
    """``events`` as they come; closed when they end or the client leaves.

    An error within ends them with an event ``error``.
    """
    return StreamingResponse(
        _told(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns; cancelled, with ``ClientGone``, when the client leaves first.

    The body of ``request`` must have been read.
    """
    working = asyncio.create_task(work, name="api work")
    leaving = asyncio.create_task(_left(request), name="api client leaves")
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        await cancel_and_wait(leaving)
        await cancel_and_wait(working)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _told(events: AsyncGenerator[str, None]) -> AsyncIterator[str]:
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except HeisenbergError as exc:
            yield sent_event(body_of(exc), "error")
        except Exception:  # the status is sent already: a fault of ours ends this answer only
            _log.exception("an answer failed")
            fault = EngineError("Heisenberg failed to answer that.", "Its log has the details.")
            yield sent_event(body_of(fault), "error")
