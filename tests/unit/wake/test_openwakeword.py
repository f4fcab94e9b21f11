"""Several wake words in one detector, with networks that give scores from a list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from heisenberg.audio.base import Pcm
from heisenberg.machine.native import Native
from heisenberg.wake.openwakeword import Head, OpenWakeWordDetector

HEADS = (Head.at(Path("hey_jarvis_v0.1.onnx")), Head.at(Path("alexa_v0.1.onnx")))
FRAME = np.zeros(1280, dtype=np.int16)


class _Scores:
    """In place of the networks."""

    def __init__(self, frames: Sequence[Sequence[float]]) -> None:
        self._left = [list(frame) for frame in frames]

    def scores(self, frame: Pcm) -> list[float]:
        assert len(frame) == len(FRAME)
        return self._left.pop(0)


@asynccontextmanager
async def _detector(*frames: Sequence[float]) -> AsyncIterator[OpenWakeWordDetector]:
    network: Native[Any] = await Native.open("wake word", lambda: _Scores(frames))
    detector = OpenWakeWordDetector(network, HEADS, threshold=0.3, refractory_s=0.3)
    yield detector
    await detector.aclose()


async def _heard(*frames: Sequence[float]) -> list[tuple[int, str, float]]:
    async with _detector(*frames) as detector:
        reports = [(at, await detector.process(FRAME)) for at in range(len(frames))]
    return [(at, woken.phrase, woken.score) for at, woken in reports if woken is not None]


async def test_the_phrase_tells_which_it_was() -> None:
    heard = await _heard((0.0, 0.97), (0.0, 0.98), (0, 0), (0, 0), (0, 0), (0.98, 0), (0.99, 0))
    assert heard == [(1, "Alexa", 0.98), (6, "Hey Jarvis", 0.99)]


async def test_of_two_at_once_the_surer_one_is_reported() -> None:
    assert await _heard((0.97, 0.99), (0.96, 0.99), (0.0, 0.0)) == [(1, "Alexa", 0.99)]


async def test_one_that_follows_another_at_once_is_part_of_it() -> None:
    assert await _heard((0.97, 0), (0.97, 0), (0, 0.97), (0, 0.97), (0, 0)) == [
        (1, "Hey Jarvis", 0.97)
    ]


def test_a_file_is_named_for_its_words() -> None:
    assert [head.phrase for head in HEADS] == ["Hey Jarvis", "Alexa"]
    assert Head.at(Path("my_own_word.onnx")).phrase == "My Own Word"
