"""Heisenberg, put together: what the commands talk to."""

from __future__ import annotations

from heisenberg.core.bus import Bus
from heisenberg.core.conversation import Conversation
from heisenberg.core.events import Event
from heisenberg.core.latency import LatencyObserver, TurnLatency
from heisenberg.core.room import Room


class App:
    """One room, what is talked about in it, and the bus that tells what happens."""

    def __init__(self, bus: Bus, room: Room, conversation: Conversation, say: str) -> None:
        """``say`` is what begins a turn, as an instruction to the user."""
        self.bus = bus
        self.room = room
        self.conversation = conversation
        self._say = say
        bus.observe(LatencyObserver(self._tell_latency))

    async def run(self) -> None:
        """Announce that everything is ready, then listen until the microphone ends."""
        self.bus.publish(Event.READY, say=self._say)
        await self.room.run()

    def _tell_latency(self, latency: TurnLatency) -> None:
        self.bus.publish(
            Event.LATENCY,
            first_sound_s=round(latency.first_sound_s, 3),
            stages={name: round(seconds, 3) for name, seconds in latency.stages_s.items()},
        )
