"""Heisenberg, put together: what the commands and the API talk to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from heisenberg.core.bus import Bus
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import NoRoom
from heisenberg.core.events import Event
from heisenberg.core.latency import LatencyObserver, TurnLatency
from heisenberg.core.room import Room
from heisenberg.core.services import Services
from heisenberg.wake.base import TalkButton


@dataclass(frozen=True, slots=True)
class Spoken:
    """A room and what is talked about in it; ``button`` is its key, for all who press it. ``say``
    is what begins a turn, as an instruction to the user."""

    room: Room
    button: TalkButton
    conversation: Conversation
    say: str


class App:
    """The bus that tells what happens, what all who ask share, and a room where there is sound."""

    def __init__(self, bus: Bus, services: Services, spoken: Spoken | None) -> None:
        self.bus = bus
        self.services = services
        self.spoken = spoken
        self.address = ""
        """Where programs find it, once they do."""
        bus.observe(LatencyObserver(self._tell_latency))

    @property
    def room(self) -> Room:
        """Raises ``NoRoom`` where there is none."""
        if self.spoken is None:
            raise NoRoom("Heisenberg runs without sound.", "Start it without --no-audio.")
        return self.spoken.room

    async def run(self) -> None:
        """Announce that everything is ready, then listen until the microphone ends; without one,
        until cancelled."""
        if self.spoken is None:
            self.bus.publish(Event.READY, say=f"Ask at {self.address}")
            await asyncio.Event().wait()
        else:
            self.bus.publish(Event.READY, say=self.spoken.say)
            await self.spoken.room.run()

    async def warm(self) -> None:
        """Have the language model read what was said in the room so far."""
        if self.spoken is not None:
            await self.spoken.conversation.warm()

    async def forget(self) -> None:
        """Forget everything that was said, to whomever."""
        self.services.conversations.forget()
        if self.spoken is not None:
            await self.spoken.conversation.forget()

    def _tell_latency(self, latency: TurnLatency) -> None:
        self.bus.publish(
            Event.LATENCY,
            first_sound_s=round(latency.first_sound_s, 3),
            stages={name: round(seconds, 3) for name, seconds in latency.stages_s.items()},
        )
