"""Does it hear itself? Its own speech, for a long time, in rooms that throw it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from heisenberg.audio.live import LiveCard
from heisenberg.audio.simulated import Echo
from heisenberg.bench.turns.texts import paragraphs
from heisenberg.bench.virtual_card.air import AirSettings
from heisenberg.bench.virtual_card.virtual_room import virtual_room
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import Config
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.state import State
from heisenberg.loading import Engines
from heisenberg.main import Devices, assemble
from heisenberg.simulation import Conditions, simulate

LEVELS_DB: Final = (0.0, -6.0, -12.0)
_AT_ONCE: Final = 6
"""So many paragraphs are spoken in one room before the next, which starts as a stranger."""
_DELAYS_MS: Final = (30.0, 80.0, 150.0, 220.0)


@dataclass(frozen=True, slots=True)
class SelfTriggers:
    """What one's own speech set off at one level of echo."""

    path: str
    echo_db: float
    spoken_minutes: float
    wakes: int
    interruptions: int
    ducked: int
    """A reply that becomes quieter for a moment is no failure, but not nice."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def bench_self_trigger(
    config: Config,
    engines: Engines,
    *,
    minutes: float,
    on_level: Callable[[SelfTriggers], None],
) -> list[SelfTriggers]:
    """``minutes`` of speech, a third at each level, in many rooms, faster than real time."""
    found = []
    for level_db in LEVELS_DB:
        counts = _Counts()
        texts = paragraphs(round(-level_db), _wake_phrase(engines))
        room = 0
        while counts.spoken_s < minutes * 60 / len(LEVELS_DB):
            batch = [next(texts) for _ in range(_AT_ONCE)]
            echo = Echo(10 ** (level_db / 20), _DELAYS_MS[room % len(_DELAYS_MS)], room=room)
            conditions = Conditions(fast=True, echo=echo, announcements=batch)
            quiet = np.zeros(1600, np.int16)
            await simulate(config, engines, quiet, conditions, counts.note)
            room += 1
        found.append(counts.report("simulated", level_db))
        on_level(found[-1])
    return found


async def bench_self_trigger_loop(
    config: Config, engines: Engines, *, minutes: float, settings: AirSettings
) -> SelfTriggers:
    """The same through a sound card: from the loudspeaker through the air to the microphone."""
    counts = _Counts()
    texts = paragraphs(99, _wake_phrase(engines))
    with virtual_room(settings):
        card = await LiveCard.open(config.audio, lambda *_: None)
        devices = Devices(
            card.source, card.sink, card.now_s, card.reference, card.sink.expect_sound
        )
        app = assemble(config, engines, devices)
        app.bus.observe(counts.note)
        idle = asyncio.Event()
        app.bus.observe(lambda _: idle.set() if app.room.state is State.IDLE else idle.clear())
        running = asyncio.create_task(app.run(), name="room")
        try:
            while counts.spoken_s < minutes * 60:
                if await app.room.announce(next(texts)):
                    idle.clear()
                await idle.wait()
        finally:
            await cancel_and_wait(running)
            await card.aclose()
    return counts.report("sound card", settings.echo_db or 0.0)


class _Counts:
    """An observer that counts."""

    def __init__(self) -> None:
        self.spoken_s = 0.0
        self._wakes = self._interruptions = self._ducked = 0

    def note(self, record: EventRecord) -> None:
        match record.event:
            case Event.PLAYBACK_END:
                self.spoken_s += record.fields["heard_s"]
            case Event.WAKE:
                self._wakes += 1
            case Event.BARGE_IN if record.fields["confirmed"]:
                self._interruptions += 1
            case Event.DUCK if record.fields["gain"] < 1.0:
                self._ducked += 1

    def report(self, path: str, echo_db: float) -> SelfTriggers:
        return SelfTriggers(
            path,
            echo_db,
            round(self.spoken_s / 60, 1),
            self._wakes,
            self._interruptions,
            self._ducked,
        )


def _wake_phrase(engines: Engines) -> str:
    return engines.wake.phrase if engines.wake else "Hey Jarvis"
