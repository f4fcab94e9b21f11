"""A program that is a guest in a room: it says something, and is told what the user says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from heisenberg.core.bus import Bus
from heisenberg.core.errors import EngineError, TurnError
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.room import Room
from heisenberg.core.state import State, Trigger

_PATIENCE_S: Final = 60.0
"""So long may the user be talked with before a guest has its say."""


class RoomGuest:
    """Whoever is talked with goes first."""

    def __init__(self, room: Room, bus: Bus) -> None:
        self._room = room
        self._bus = bus

    async def say(self, text: str) -> bool:
        """Say ``text`` when nothing else is said; whether it was heard to its end.

        Raises ``TurnError`` where the room is never quiet, ``EngineError`` where the voice fails.
        """
        with _watched(self._bus) as records:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    while not await self._room.announce(text):
                        await records.get()
            except TimeoutError:
                raise TurnError(
                    "Heisenberg is talking with somebody.", "Try again in a moment."
                ) from None
            async for record in _of(records, Event.STATE):
                if record.fields["from"] == State.SPEAKING:
                    if record.fields["trigger"] == Trigger.FAILED:
                        raise EngineError("The voice failed.", "The log has the details.")
                    return bool(record.fields["trigger"] == Trigger.PLAYBACK_END)
        raise AssertionError  # records never end

    async def listen(self, wait_s: float, *, at_once: bool) -> str:
        """What the user says next, which is then not answered; empty where they have not begun to
        say anything after ``wait_s``, or want to be left alone.

        ``at_once``: without their calling, as soon as nothing else is said. Raises ``TurnError``
        while muted, or while another guest listens.
        """
        if self._room.muted:
            raise TurnError("The microphone is muted.", "'heisenberg trigger unmute' opens it.")
        loop = asyncio.get_running_loop()
        until_s = loop.time() + wait_s
        with _watched(self._bus) as records, self._room.only_hearing():
            try:
                while loop.time() < until_s:
                    async with asyncio.timeout_at(until_s):
                        await self._until(State.IDLE, records)
                        if not at_once:
                            await self._until(State.LISTENING, records)
                    if at_once:
                        await self._room.tap()
                    text, ended_by = await _turn(records)
                    if text or ended_by == Trigger.CANCEL:
                        return text
            except TimeoutError:
                return ""
            finally:
                if self._room.state is State.LISTENING:  # who asked has left
                    await self._room.cancel()
        return ""

    async def _until(self, state: State, records: asyncio.Queue[EventRecord]) -> None:
        while self._room.state is not state:
            await records.get()


async def _turn(records: asyncio.Queue[EventRecord]) -> tuple[str, str]:
    """The words of the turn that is taken, once the room is done with it, and what ended it."""
    text = ""
    async for record in _of(records, Event.TRANSCRIPT, Event.STATE):
        if record.event is Event.TRANSCRIPT:
            text = record.fields["text"]
        elif record.fields["to"] == State.IDLE and record.fields["from"] != State.SPEAKING:
            return text, record.fields["trigger"]
    raise AssertionError  # records never end


@contextmanager
def _watched(bus: Bus) -> Iterator[asyncio.Queue[EventRecord]]:
    """All that happens from now on."""
    records: asyncio.Queue[EventRecord] = asyncio.Queue()
    forget = bus.observe(records.put_nowait)
    try:
        yield records
    finally:
        forget()


async def _of(records: asyncio.Queue[EventRecord], *events: Event) -> AsyncIterator[EventRecord]:
    while True:
        record = await records.get()
        if record.event in events:
            yield record
