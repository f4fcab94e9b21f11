"""What rings in a room until somebody stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from heisenberg.audio.chime import ringing
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.bell import RoomBell
from heisenberg.core.events import Event
from heisenberg.core.state import State
from tests.fakes.speech import join, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.wake import wake_sound
from tests.integration.scene import CONFIG, Scene, playing, voice

TEXT = "Your tea is ready."
ONCE_S = 1.5
"""Of the sound that comes first, about."""


@asynccontextmanager
async def rung(scene: Scene, gap_s: float = 0.0) -> AsyncIterator[asyncio.Task[None]]:
    bell = RoomBell(scene.room, scene.bus, ringing(), gap_s)
    task = asyncio.create_task(bell.ring(TEXT), name="ring")
    try:
        yield task
    finally:
        await cancel_and_wait(task)


async def test_it_rings_again_and_again() -> None:
    async with playing(silence(0.5)) as scene, rung(scene) as ring:
        await scene.until(Event.PLAYBACK_END, 3)
        assert not ring.done()
    assert scene.tts.spoken[:3] == [TEXT] * 3
    assert scene.sounding_s() > 3 * 0.7 * ONCE_S


@pytest.mark.parametrize("stop", ["cancel", "press"])
async def test_a_key_stops_it(stop: str) -> None:
    async with playing(silence(0.5)) as scene, rung(scene) as ring:
        await scene.until_sounding(0.3)
        await getattr(scene.room, stop)()
        await ring
    assert len(scene.all_of(Event.PLAYBACK_START)) == 1


async def test_a_key_between_two_rings_stops_it_too() -> None:
    async with playing(silence(0.5)) as scene, rung(scene, 600.0) as ring:
        await scene.until(Event.PLAYBACK_END)
        await scene.until_state(State.IDLE)
        await scene.room.press()
        await ring
    assert len(scene.all_of(Event.PLAYBACK_START)) == 1


async def test_a_voice_stops_it() -> None:
    recording = join(silence(1.0), voice(1.5), silence(2.0))
    config = CONFIG.model_copy(update={"barge_in": "speech"})
    stt = ScriptedStt(("Stop.",))
    async with playing(recording, config=config, stt=stt) as scene, rung(scene) as ring:
        await ring
        await scene.until_state(State.IDLE)
    assert not scene.llm.requests


async def test_while_somebody_is_answered_it_waits() -> None:
    recording = join(silence(0.1), wake_sound(), voice(1.0), silence(0.5))
    async with playing(recording) as scene:
        await scene.until_state(State.LISTENING)
        async with rung(scene) as ring:
            await scene.until(Event.PLAYBACK_END)
            assert TEXT not in scene.tts.spoken
            await scene.while_running(lambda: TEXT not in scene.tts.spoken)
            assert not ring.done()
