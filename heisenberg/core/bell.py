"""What rings in a room until somebody stops it."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from heisenberg.audio.base import AudioChunk
from heisenberg.core.bus import Bus
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.room import Room
from heisenberg.core.state import State, Trigger

GAP_S: Final = 3.0
_MOST: Final = 100
"""Times: about ten minutes."""
_STOPPED_BY: Final = (Trigger.WAKE, Trigger.PTT_DOWN, Trigger.BARGE_IN, Trigger.CANCEL)

_log = structlog.get_logger(__name__)


class RoomBell:
    """A ``Bell``. A voice over it, the wake word or a key stops it; while somebody is heard or
    answered, it waits."""

    def __init__(
        self, room: Room, bus: Bus, sound: AudioChunk | None = None, gap_s: float = GAP_S
    ) -> None:
        """``sound`` comes before the words; between two rings there are ``gap_s``."""
        self._room = room
        self._bus = bus
        self._sound = sound
        self._gap_s = gap_s

    async def ring(self, text: str) -> None:
        ringing = _Ringing(self._room.state)
        forget = self._bus.observe(ringing.note)
        try:
            for _ in range(_MOST):
                await self._once(text, ringing)
                if ringing.stopped.is_set() or await ringing.is_stopped_within(self._gap_s):
                    return
        finally:
            forget()
        _log.warning("nobody stopped what rang")

    async def _once(self, text: str, ringing: _Ringing) -> None:
        """Until it has sounded once, or was stopped."""
        while not ringing.stopped.is_set():
            await ringing.idle.wait()
            ringing.sounds = True
            if await self._room.announce(text, self._sound):
                await ringing.idle_or_stopped()
                return
            ringing.sounds = False


class _Ringing:
    """Watches a room while it rings there."""

    def __init__(self, state: State) -> None:
        self.sounds = False
        """It has begun, so what a user does now is about it."""
        self.stopped = asyncio.Event()
        self.idle = asyncio.Event()
        self._note_idle(state)

    def note(self, record: EventRecord) -> None:
        if record.event is not Event.STATE:
            return
        if self.sounds and record.fields["trigger"] in _STOPPED_BY:
            self.stopped.set()
        self._note_idle(State(record.fields["to"]))

    async def idle_or_stopped(self) -> None:
        if not self.stopped.is_set():
            waiting = [
                asyncio.create_task(event.wait(), name="bell")
                for event in (self.idle, self.stopped)
            ]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)

    async def is_stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.stopped.wait()
        except TimeoutError:
            return False
        return True

    def _note_idle(self, state: State) -> None:
        if state is State.IDLE:
            self.idle.set()
        else:
            self.idle.clear()
