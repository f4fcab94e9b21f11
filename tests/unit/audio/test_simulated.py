"""The simulated sound card keeps time exactly."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import numpy as np
import pytest

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm, Playback
from heisenberg.audio.simulated import Echo, SimulatedCard
from tests.fakes.echo import level_db
from tests.fakes.speech import noise


def _sound(value: int, seconds: float) -> Pcm:
    return np.full(round(seconds * RATE_HZ), value, np.int16)


async def _run(card: SimulatedCard, seconds: float) -> Pcm:
    heard = []
    async with aclosing(aiter(card)) as chunks:
        async for chunk in chunks:
            heard.append(chunk.pcm)
            if chunk.t_s + chunk.duration_s >= seconds - 1e-9:
                break
    return np.concatenate(heard)


async def test_the_microphone_hears_the_recording_and_then_silence() -> None:
    recording = np.arange(1, 1000, dtype=np.int16)
    heard = await _run(SimulatedCard(recording, fast=True), 0.1)
    assert np.array_equal(heard[:999], recording)
    assert not heard[999:].any()


async def test_written_sound_plays_from_the_time_that_write_returned() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True)
    await _run(card, 0.25)
    first_s = await card.write(AudioChunk(_sound(7, 0.1)))
    second_s = await card.write(AudioChunk(_sound(8, 0.1)))
    await _run(card, 0.5)
    speaker = card.speaker()
    assert first_s == 0.26
    assert np.flatnonzero(speaker == 7)[0] == round(first_s * RATE_HZ)
    assert np.flatnonzero(speaker == 8)[0] == round(second_s * RATE_HZ)
    assert await card.drain() == Playback(0.2, interrupted=False)


async def test_clear_silences_at_once_and_tells_how_much_was_played() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True)
    await card.write(AudioChunk(_sound(7, 0.5)))
    await _run(card, 0.2)
    assert card.clear() == Playback(0.2, interrupted=True)
    await _run(card, 0.4)
    assert np.flatnonzero(card.speaker())[-1] == round(0.21 * RATE_HZ) - 1
    assert card.clear() == Playback(0.0, interrupted=False)


async def test_a_full_speaker_makes_the_writer_wait_until_it_has_played() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True)
    await card.write(AudioChunk(_sound(1, 2.1)))
    writing = asyncio.create_task(card.write(AudioChunk(_sound(2, 0.1))))
    await asyncio.sleep(0)
    assert not writing.done()
    await _run(card, 0.2)
    assert round(await writing, 3) == 2.11


async def test_the_echo_of_the_speaker_arrives_scaled_and_late() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True, echo=Echo(gain=0.5, delay_ms=30))
    await card.write(AudioChunk(_sound(1000, 0.05)))
    heard = await _run(card, 0.2)
    sounding = np.flatnonzero(heard)
    assert sounding[0] == 4 * CHUNK_SAMPLES
    assert sounding[-1] == 9 * CHUNK_SAMPLES - 1
    assert set(heard[sounding]) == {500}


async def test_an_echo_between_two_ticks_arrives_at_its_sample() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True, echo=Echo(gain=0.5, delay_ms=32.5))
    await card.write(AudioChunk(_sound(1000, 0.05)))
    sounding = np.flatnonzero(await _run(card, 0.2))
    assert sounding[0] == 4 * CHUNK_SAMPLES + 40
    assert sounding[-1] == 9 * CHUNK_SAMPLES + 39


async def test_an_echo_from_a_room_goes_on_after_the_sound_and_is_no_louder() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True, echo=Echo(gain=0.5, room=3))
    await card.write(AudioChunk(noise(0.5, colour="white", level_db=-20, seed=1)))
    heard = await _run(card, 1.0)
    sounding, dying = heard[CHUNK_SAMPLES : 8000 + CHUNK_SAMPLES], heard[8800:9600]
    assert level_db(sounding) == pytest.approx(-26, abs=1.0)
    assert -70 < level_db(dying) < -32


async def test_what_is_read_as_a_reference_is_heard_ten_milliseconds_and_the_delay_later() -> None:
    card = SimulatedCard(_sound(0, 2.0), fast=True, echo=Echo(gain=0.5, delay_ms=32.5))
    await card.write(AudioChunk(noise(0.5, colour="white", level_db=-20, seed=1)))
    heard, read = [], []
    async with aclosing(aiter(card)) as chunks:
        async for chunk in chunks:
            heard.append(chunk.pcm)
            read.append(card.read(len(chunk.pcm)))
            if chunk.t_s >= 0.99:
                break
    late = CHUNK_SAMPLES + 520
    near, far = np.concatenate(heard), np.concatenate(read)
    assert far.any()
    assert np.max(np.abs(near[late:] - 0.5 * far[:-late])) <= 0.5


async def test_the_reference_is_silent_before_and_after_what_was_written() -> None:
    card = SimulatedCard(_sound(0, 2.0), fast=True)
    silent = [card.is_silent]
    async with aclosing(aiter(card)) as chunks:
        async for chunk in chunks:
            card.read(len(chunk.pcm))
            silent.append(card.is_silent)
            if chunk.t_s == 0.5:
                await card.write(AudioChunk(_sound(7, 0.1)))
                silent.append(card.is_silent)
            if chunk.t_s >= 0.99:
                break
    sounding = [index for index, quiet in enumerate(silent) if not quiet]
    assert sounding[0] == 52
    assert sounding == list(range(52, 52 + len(sounding)))
    assert len(sounding) == 11


async def test_ducking_scales_what_sounds_from_then_on() -> None:
    card = SimulatedCard(_sound(0, 1.0), fast=True)
    await card.write(AudioChunk(_sound(1000, 0.2)))
    await _run(card, 0.1)
    card.duck(0.25)
    await _run(card, 0.2)
    speaker = card.speaker()[CHUNK_SAMPLES:]
    assert set(speaker[:1600]) == {1000}
    assert set(speaker[1760:3200]) == {250}
    assert np.all(np.diff(speaker[1600:1760]) <= 0), "it fades within 10 ms and does not click"


async def test_time_stands_still_while_an_answer_is_computed_and_nothing_sounds() -> None:
    computing = True
    card = SimulatedCard(_sound(0, 1.0), fast=True, starved=lambda: computing)
    running = asyncio.create_task(_run(card, 0.1))
    for _ in range(10):
        await asyncio.sleep(0)
    assert card.now_s() == 0.0
    computing = False
    card.notify()
    await running
    assert round(card.now_s(), 3) == 0.1


async def test_at_real_time_pace_the_clock_and_the_recording_agree() -> None:
    card = SimulatedCard(_sound(5, 0.2))
    heard = await _run(card, 0.2)
    assert np.array_equal(heard, _sound(5, 0.2))
    assert card.now_s() >= 0.2 - CHUNK_SAMPLES / RATE_HZ
    await card.aclose()


async def test_in_a_hurry_no_sound_is_lost_and_no_time_kept() -> None:
    recording = np.arange(1, 30_000, dtype=np.int16)
    card = SimulatedCard(recording)
    times, heard = [], []
    async with aclosing(aiter(card)) as chunks:
        async for chunk in chunks:
            times.append(chunk.t_s)
            heard.append(chunk.pcm)
            if len(times) == 3:
                card.hurry()
            if chunk.t_s >= 600.0:  # ten minutes, which nobody would wait for
                break
    assert np.allclose(np.diff(times), CHUNK_SAMPLES / RATE_HZ)
    assert np.array_equal(np.concatenate(heard)[: len(recording)], recording)
    assert card.now_s() == pytest.approx(600.0, abs=0.1)
