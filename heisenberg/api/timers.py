"""``/api/timers``: what runs, set and cancelled by programs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from heisenberg.api.errors import Unavailable
from heisenberg.api.schemas import FAILURES
from heisenberg.core.errors import InputError
from heisenberg.core.services import Services
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.timer import Kind, Timer

_LONGEST_S: Final = 366 * 24 * 3600
_LONGEST_NAME: Final = 100


class TimerShown(BaseModel):
    """One that runs; ``about`` is what a reminder reminds of. ``length_s`` is 0 for what rings at a
    moment of the clock, ``left_s`` while it rings; ``weekdays`` are those on which it rings again
    (Monday is 0)."""

    id: int
    kind: Kind
    name: str
    about: str
    length_s: float
    left_s: float
    weekdays: list[int]


class TimersShown(BaseModel):
    """All of them, the one that rings next first."""

    timers: list[TimerShown]


class NewTimer(BaseModel):
    """One to be set."""

    seconds: Annotated[int, Field(gt=0, lt=_LONGEST_S)]
    name: Annotated[str, Field(max_length=_LONGEST_NAME)] = ""


class TimerNamed(BaseModel):
    """One that runs."""

    id: int


def timer_routes(services: Services, language: str) -> APIRouter:
    """``language`` is what a timer that is set here speaks when it rings."""
    routes = APIRouter(prefix="/api/timers", tags=["timers"], responses=FAILURES)

    def book() -> TimerBook:
        if services.timers is None:
            raise Unavailable("There are no timers here.", "Remove 'timers' from skills.off.")
        return services.timers

    @routes.get("")
    async def listed() -> TimersShown:
        """What runs."""
        return await _shown(book())

    @routes.post("")
    async def set_one(body: NewTimer) -> TimersShown:
        """Set a timer; it rings where Heisenberg runs with sound."""
        length = timedelta(seconds=body.seconds)
        await asyncio.to_thread(book().set, length, language, name=body.name)
        return await _shown(book())

    @routes.post("/cancel")
    async def cancel(body: TimerNamed) -> TimersShown:
        """Cancel one."""
        timers = await asyncio.to_thread(book().all)
        found = next((one for one in timers if one.id == body.id), None)
        if found is None:
            raise InputError(f"There is no timer {body.id}.", "GET /api/timers lists them.")
        await asyncio.to_thread(book().drop, found)
        return await _shown(book())

    return routes


async def _shown(book: TimerBook) -> TimersShown:
    timers = await asyncio.to_thread(book.all)
    return TimersShown(timers=[_shown_one(one, book.now_s) for one in timers])


def _shown_one(timer: Timer, now_s: float) -> TimerShown:
    return TimerShown(
        id=timer.id,
        kind=timer.kind,
        name=timer.name,
        about=timer.about,
        length_s=timer.length_s,
        left_s=round(timer.left(now_s).total_seconds(), 1),
        weekdays=list(timer.again.weekdays) if timer.again else [],
    )
