"""The daemon with a recording as its microphone."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import AudioChunk, Pcm
from heisenberg.audio.simulated import Echo, SimulatedCard
from heisenberg.core.bus import Observer
from heisenberg.core.config import Config
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.room import Room
from heisenberg.core.state import State
from heisenberg.loading import Engines
from heisenberg.main import Devices, assemble
from heisenberg.tts.speech import recorded

_QUIET_S: Final = 1.0
"""The simulation ends when nothing has happened for so long after the recording."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of a recording: the events by time, and what the speaker played.

    ``speaker`` begins with the recording and is as long, or longer where a reply needs it.
    """

    events: tuple[EventRecord, ...]
    speaker: Pcm


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a recording is played to the daemon.

    ``ptt`` holds the key for its whole length, ``fast`` runs on audio time instead of the wall
    clock, ``hurry`` does so from when a reply sounds, ``echo`` mixes the speaker back into the
    microphone. ``announcements`` are spoken one after the other, from the start on.
    """

    ptt: bool = False
    fast: bool = False
    hurry: bool = False
    echo: Echo | None = None
    announcements: Sequence[str] = ()


async def simulate(
    config: Config,
    engines: Engines,
    recording: Pcm,
    conditions: Conditions | None = None,
    observer: Observer | None = None,
) -> Simulation:
    """Play ``recording`` to a new room until its last reply has ended."""
    how = conditions or Conditions()
    events: list[EventRecord] = []
    card = SimulatedCard(recording, fast=how.fast, echo=how.echo)
    source = _UntilQuiet(card, how)
    app = assemble(config, engines, Devices(source, card, card.now_s, card))
    source.room = app.room
    card.starved = lambda: app.room.state in (State.THINKING, State.SPEAKING)
    app.bus.observe(events.append)
    app.bus.observe(lambda _record: card.notify())
    if how.hurry:
        app.bus.observe(lambda record: _hurry(card, record))
    if observer is not None:
        app.bus.observe(observer)
    try:
        await app.run()
    finally:
        await card.aclose()
    ordered = sorted(events, key=lambda record: record.t)
    return Simulation(tuple(ordered), _trimmed(card.speaker(), len(recording)))


async def ask_aloud(
    config: Config,
    engines: Engines,
    question: str,
    *,
    fast: bool = False,
    observer: Observer | None = None,
) -> tuple[Pcm, Simulation]:
    """Let the voice itself ask ``question``, after the wake word or with the key held.

    Returns the recording of the question and what came of it.
    """
    recording = await spoken(engines, question)
    conditions = Conditions(ptt=engines.wake is None, fast=fast)
    return recording, await simulate(config, engines, recording, conditions, observer)


async def spoken(engines: Engines, question: str) -> Pcm:
    """``question`` by the voice itself, after the wake word where there is one: 16 kHz."""
    text = question
    if engines.wake is not None:
        text = f"{engines.wake.phrase}, {question[:1].lower()}{question[1:]}"
    return await recorded(engines.tts, text, lead_s=0.8, tail_s=0.4)


def _hurry(card: SimulatedCard, record: EventRecord) -> None:
    if record.event is Event.PLAYBACK_START:
        card.hurry()


class _UntilQuiet:
    """The card's microphone until the recording is over and the room has come to rest."""

    room: Room

    def __init__(self, card: SimulatedCard, conditions: Conditions) -> None:
        self._card = card
        self._ptt = conditions.ptt
        self._announcements = deque(conditions.announcements)

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        if self._ptt:
            await self.room.press()
        quiet_s = 0.0
        async with aclosing(aiter(self._card)) as chunks:
            async for chunk in chunks:
                if self._ptt and self._card.input_ended.is_set():
                    self._ptt = False
                    await self.room.release()
                if self._announcements and await self.room.announce(self._announcements[0]):
                    self._announcements.popleft()
                yield chunk
                ended = self._card.input_ended.is_set() and self.room.quiet
                quiet_s = quiet_s + chunk.duration_s if ended else 0.0
                if quiet_s >= _QUIET_S:
                    return

    async def aclose(self) -> None:
        await self._card.aclose()


def _trimmed(speaker: Pcm, at_least: int) -> Pcm:
    """Without the silence after the last reply, but never shorter than the recording."""
    sounding = np.flatnonzero(speaker)
    end = max(at_least, int(sounding[-1]) + 1 if len(sounding) else 0)
    return np.concatenate((speaker, np.zeros(max(0, end - len(speaker)), np.int16)))[:end]
