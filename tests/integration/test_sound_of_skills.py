"""What skills have to be heard, besides what they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, AudioChunk
from heisenberg.core.events import Event
from heisenberg.core.state import State
from heisenberg.skills.base import Action, Call
from heisenberg.tts.delivery import Delivery
from tests.fakes.skills import repertoire
from tests.fakes.stt import ScriptedStt
from tests.integration.scene import QUESTION, WORD_S, playing

ASKED = "Ring the bells."
PART_S = 0.5


class _Bells:
    """A skill that rings ``parts`` bells, and notes what was made and whether it was closed."""

    name = "bells"

    def __init__(self, parts: int) -> None:
        self.actions = (Action("ring", self._ring, {"en": ["ring the bells"]}),)
        self.made = 0
        self.closed = asyncio.Event()
        self._parts = parts

    async def _ring(self, call: Call) -> str:
        call.sounds.append(self._bells())
        return "Here they are."

    async def _bells(self) -> AsyncGenerator[AudioChunk, None]:
        try:
            for _ in range(self._parts):
                self.made += 1
                yield AudioChunk(np.full(round(PART_S * RATE_HZ), 2000, np.int16))
        finally:
            self.closed.set()


async def test_it_sounds_after_the_words() -> None:
    bells = _Bells(parts=3)
    async with playing(
        QUESTION, stt=ScriptedStt((ASKED,)), skills=await repertoire(bells)
    ) as scene:
        await scene.until(Event.PLAYBACK_END)
        (end,) = scene.all_of(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
    assert scene.sounding_s() == pytest.approx(3 * WORD_S + 3 * PART_S, rel=0.01)
    assert end["heard_s"] > 3 * PART_S
    assert not end["interrupted"]
    assert scene.history.pairs() == [(ASKED, "Here they are.")]
    assert bells.closed.is_set()


async def test_it_is_made_while_it_is_heard() -> None:
    bells = _Bells(parts=100)
    async with playing(
        QUESTION, stt=ScriptedStt((ASKED,)), skills=await repertoire(bells)
    ) as scene:
        await scene.until_sounding(3 * WORD_S + 2 * PART_S)
        assert 2 < bells.made < 20
        await scene.room.cancel()
        await scene.until_state(State.IDLE)
    assert bells.made < 20
    assert bells.closed.is_set()


async def test_it_is_as_loud_as_the_voice() -> None:
    quiet = Delivery(volume_percent=50)
    bells, can = _Bells(parts=1), ScriptedStt((ASKED,))
    async with playing(QUESTION, stt=can, skills=await repertoire(bells), delivery=quiet) as scene:
        await scene.until(Event.PLAYBACK_END)
    assert 500 in np.unique(scene.card.speaker())
    assert 2000 not in np.unique(scene.card.speaker())
