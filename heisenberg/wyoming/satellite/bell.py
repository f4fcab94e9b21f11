"""What rings in a satellite's room, for as long as the satellite is there."""

from __future__ import annotations

import asyncio

from heisenberg.audio.base import AudioChunk
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.bell import RoomBell
from heisenberg.core.errors import ServiceError
from heisenberg.wyoming.satellite.link import SatelliteRoom


class SatelliteBell:
    """A ``Bell``. Raises ``ServiceError`` when the satellite leaves while it rings."""

    def __init__(self, made: SatelliteRoom, sound: AudioChunk) -> None:
        self._bell = RoomBell(made.room, made.bus, sound)
        self._ended = made.ended

    async def ring(self, text: str) -> None:
        ringing = asyncio.create_task(self._bell.ring(text), name="satellite bell")
        leaving = asyncio.create_task(self._ended.wait(), name="satellite bell")
        try:
            await asyncio.wait({ringing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not ringing.done():
                raise ServiceError("A satellite left while it rang.", "It rings where it can.")
            await ringing
        finally:
            await cancel_and_wait(ringing)
            await cancel_and_wait(leaving)
