"""A microphone without echo: when the canceller works, and what the chunks look like."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import numpy as np
import pytest

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, EchoCanceller, Pcm
from heisenberg.audio.echo import EchoCancelledSource
from tests.fakes.echo import ScriptedReference, SubtractingCanceller, babble
from tests.fakes.speech import join, silence


class _Microphone:
    """An ``AudioSource`` that hears ``sound``; its chunks are of different lengths."""

    def __init__(self, sound: Pcm) -> None:
        self._sound = sound
        self.closed = False

    async def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        at = 0
        while at < len(self._sound):
            chunk = self._sound[at : at + CHUNK_SAMPLES * (1 + at % 3)]
            yield AudioChunk(chunk, t_s=100.0 + at / RATE_HZ)
            at += len(chunk)

    async def aclose(self) -> None:
        self.closed = True


class _Late:
    """An ``EchoCanceller`` that gives the sound back 8 ms late and removes nothing."""

    def __init__(self) -> None:
        self._kept = np.zeros(128, dtype=np.int16)

    def process(self, near: Pcm, _far: Pcm) -> Pcm:
        sound = np.concatenate((self._kept, near))
        self._kept = sound[-128:]
        return sound[:-128]

    def reset(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def _hear(near: Pcm, played: Pcm, canceller: EchoCanceller) -> list[AudioChunk]:
    source = EchoCancelledSource(_Microphone(near), ScriptedReference(played), canceller)
    async with aclosing(aiter(source)) as chunks:
        return [chunk async for chunk in chunks]


def _joined(chunks: list[AudioChunk]) -> Pcm:
    return np.concatenate([chunk.pcm for chunk in chunks])


async def test_while_nothing_plays_the_sound_passes_as_it_is() -> None:
    near = babble(2.0, level_db=-30, seed=1)
    canceller = SubtractingCanceller(0.5)
    chunks = await _hear(near, silence(0), canceller)
    assert np.array_equal(_joined(chunks), near)
    assert canceller.processed == 0


async def test_what_plays_is_not_heard_and_what_is_said_is() -> None:
    voice, reply = babble(3.0, level_db=-30, seed=1), babble(1.0, level_db=-20, seed=2)
    played = join(silence(0.5), reply, silence(1.5))
    near = (voice + 0.5 * played).astype(np.int16)
    heard = _joined(await _hear(near, played, SubtractingCanceller(0.5)))
    assert np.max(np.abs(heard.astype(int) - voice)) <= 1


async def test_every_chunk_keeps_its_time_and_length() -> None:
    near = babble(4.0, level_db=-30, seed=1)
    chunks = await _hear(near, babble(1.0, level_db=-20, seed=2), SubtractingCanceller(0.5))
    times_s = np.array([chunk.t_s for chunk in chunks])
    ends_s = np.array([chunk.t_s + chunk.duration_s for chunk in chunks])
    assert times_s[0] == 100.0
    assert np.allclose(times_s[1:], ends_s[:-1])
    assert ends_s[-1] == pytest.approx(104.0)


async def test_the_canceller_goes_on_after_the_last_sound_and_then_rests() -> None:
    canceller = SubtractingCanceller(0.5)
    await _hear(silence(10.0), babble(1.0, level_db=-20, seed=2), canceller)
    assert 2.5 < canceller.processed / RATE_HZ < 3.5


async def test_the_reference_is_read_as_far_as_the_microphone_even_in_silence() -> None:
    reference = ScriptedReference(silence(0))
    source = EchoCancelledSource(_Microphone(silence(3.0)), reference, SubtractingCanceller(0.5))
    async with aclosing(aiter(source)) as chunks:
        async for chunk in chunks:
            assert reference.read_s == pytest.approx(chunk.t_s + chunk.duration_s - 100.0)


async def test_beginning_and_ending_make_no_click() -> None:
    times_s = np.arange(6 * RATE_HZ) / RATE_HZ
    tone = np.rint(8000 * np.sin(2 * np.pi * 220 * times_s)).astype(np.int16)
    played = join(silence(1.0), babble(1.0, level_db=-60, seed=2))
    heard = _joined(await _hear(tone, played, _Late())).astype(int)
    assert not np.array_equal(heard, tone)
    assert np.max(np.abs(np.diff(heard))) < 1.1 * np.max(np.abs(np.diff(tone.astype(int))))


async def test_it_closes_what_it_wraps() -> None:
    microphone, canceller = _Microphone(silence(1.0)), SubtractingCanceller(0.5)
    await EchoCancelledSource(microphone, ScriptedReference(silence(0)), canceller).aclose()
    assert microphone.closed
    assert canceller.closed


async def test_a_device_that_was_opened_anew_makes_it_forget_the_room() -> None:
    reply = babble(2.0, level_db=-20, seed=2)
    reference, canceller = ScriptedReference(reply), SubtractingCanceller(0.5)
    source = EchoCancelledSource(_Microphone(reply), reference, canceller)
    async with aclosing(aiter(source)) as chunks:
        async for chunk in chunks:
            assert canceller.resets == (1 if chunk.t_s > 101.0 else 0)
            if reference.read_s > 1.0:
                reference.paths = 2
