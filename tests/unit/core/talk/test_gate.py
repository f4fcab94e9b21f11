"""Nothing sounds before the gate opens, and nothing is lost or reordered by it."""

from __future__ import annotations

import asyncio

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk, Playback
from heisenberg.core.talk.gate import GatedSink


class _Sink:
    def __init__(self, log: list[str]) -> None:
        self.log = log

    async def write(self, chunk: AudioChunk) -> float:
        await asyncio.sleep(0)
        self.log.append(f"sound {chunk.pcm[0]}")
        return 1.5

    def clear(self) -> Playback:
        return Playback(0.0, interrupted=False)

    async def drain(self) -> Playback:
        return Playback(0.0, interrupted=False)

    def duck(self, gain: float) -> None:
        self.log.append(f"duck {gain}")

    async def aclose(self) -> None:
        self.log.append("closed")


def _gate(log: list[str]) -> GatedSink:
    async def before() -> None:
        log.append("before")

    return GatedSink(
        _Sink(log),
        before_first=before,
        after_first=lambda t_s: log.append(f"after {t_s}"),
        when_held=lambda: log.append("held"),
    )


def _chunk(number: int, seconds: float = 0.01) -> AudioChunk:
    return AudioChunk(np.full(round(seconds * RATE_HZ), number, np.int16))


async def test_sound_is_held_until_the_gate_opens_then_flows_in_order() -> None:
    log: list[str] = []
    gate = _gate(log)
    await gate.write(_chunk(1))
    await gate.write(_chunk(2))
    assert log == ["held", "held"]
    await gate.open()
    await gate.write(_chunk(3))
    assert log[2:] == ["before", "sound 1", "after 1.5", "sound 2", "sound 3"]


async def test_writes_while_the_gate_is_opening_come_after_what_was_held() -> None:
    log: list[str] = []
    gate = _gate(log)
    for number in (1, 2):
        await gate.write(_chunk(number))
    await asyncio.gather(gate.open(), gate.write(_chunk(3)))
    assert [entry for entry in log if entry.startswith("sound")] == [
        "sound 1",
        "sound 2",
        "sound 3",
    ]


async def test_a_writer_waits_when_eight_seconds_are_held() -> None:
    log: list[str] = []
    gate = _gate(log)
    await gate.write(_chunk(1, seconds=7.9))
    writing = asyncio.create_task(gate.write(_chunk(2, seconds=0.2)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not writing.done()
    await gate.open()
    await writing
    assert log[-1] == "sound 2"


async def test_a_shut_gate_drops_what_it_held_and_what_still_comes() -> None:
    log: list[str] = []
    gate = _gate(log)
    await gate.write(_chunk(1))
    gate.shut()
    await gate.write(_chunk(2))
    await gate.open()
    assert not [entry for entry in log if entry.startswith("sound")]
