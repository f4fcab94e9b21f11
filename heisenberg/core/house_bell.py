"""What rings in every room until somebody stops it in one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from heisenberg.core.aio import cancel_and_wait
from heisenberg.skills.base import Bell

_LOOK_S: Final = 1.0
"""Between two looks whether there is a room again."""


class HouseBell:
    """A ``Bell``; while there is no room it waits for one."""

    def __init__(self, rooms: Callable[[], Sequence[Bell]]) -> None:
        """``rooms`` gives a bell for each that is there now."""
        self._rooms = rooms

    async def ring(self, text: str) -> None:
        """A room in which it fails is left out; raises what it failed with where it did in all."""
        while not (bells := self._rooms()):  # noqa: ASYNC110 - rooms come and go unannounced
            await asyncio.sleep(_LOOK_S)
        ringing = [asyncio.create_task(bell.ring(text), name="bell") for bell in bells]
        left = set(ringing)
        try:
            while left:
                done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                if any(one.exception() is None for one in done):
                    return
            await ringing[0]
        finally:
            for one in ringing:
                await cancel_and_wait(one)
