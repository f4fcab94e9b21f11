"""When what a satellite sends was heard."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from heisenberg.audio.base import AudioChunk
from heisenberg.core.errors import InputError
from heisenberg.wyoming.satellite.microphone import SatelliteMicrophone
from tests.fakes.speech import silence

_CHUNK_S = 0.02


class _Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def _heard(microphone: SatelliteMicrophone) -> list[AudioChunk]:
    await microphone.aclose()
    return [chunk async for chunk in microphone]


async def test_sound_follows_sound_however_it_arrives() -> None:
    clock = _Clock()
    microphone = SatelliteMicrophone(clock)
    for size in (100, 700, 1, 1599):
        clock.now_s += 0.03
        await microphone.push(np.arange(size, dtype=np.int16))
    chunks = await _heard(microphone)
    assert [chunk.t_s for chunk in chunks] == pytest.approx([n * _CHUNK_S for n in range(7)])
    assert {len(chunk.pcm) for chunk in chunks} == {320}


async def test_after_a_pause_it_is_later() -> None:
    clock = _Clock()
    microphone = SatelliteMicrophone(clock)
    await microphone.push(silence(_CHUNK_S))
    clock.now_s = 60.0
    await microphone.push(silence(_CHUNK_S))
    assert [chunk.t_s for chunk in await _heard(microphone)] == pytest.approx([0.0, 59.98])


async def test_what_is_to_be_done_is_done_in_its_place() -> None:
    microphone = SatelliteMicrophone(_Clock())
    done: list[str] = []

    async def note() -> None:
        done.append("note")

    for _ in range(2):
        await microphone.push(silence(_CHUNK_S))
        await microphone.then(note)
    await microphone.aclose()
    async for chunk in microphone:
        done.append(f"{len(chunk.pcm)} samples")  # noqa: PERF401 - others append meanwhile
    assert done == ["320 samples", "note", "320 samples", "note"]


async def test_who_sends_waits_while_nobody_listens() -> None:
    clock = _Clock()
    microphone = SatelliteMicrophone(clock)
    await microphone.push(silence(10.0))
    sending = asyncio.create_task(microphone.push(silence(_CHUNK_S)))
    await asyncio.sleep(0)
    assert not sending.done()
    chunks = aiter(microphone)
    await anext(chunks)
    await sending
    await chunks.aclose()


async def test_more_than_can_have_been_heard_is_refused() -> None:
    clock = _Clock()
    microphone = SatelliteMicrophone(clock)
    for _ in range(9):
        await microphone.push(silence(1.0))
    clock.now_s += 1000.0
    draining = asyncio.create_task(_drain(microphone))
    with pytest.raises(InputError, match="faster than a microphone"):
        for _ in range(16):
            await microphone.push(silence(1.0))
    draining.cancel()
    await asyncio.wait([draining])


async def _drain(microphone: SatelliteMicrophone) -> None:
    async for _ in microphone:
        pass
