"""Frames of one size, and other rates, without losing a sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.audio.base import Pcm
from heisenberg.audio.rechunk import Rechunker
from heisenberg.audio.resample import Resampler


@given(st.lists(st.integers(0, 700), max_size=12), st.sampled_from([160, 512, 1280]))
def test_frames_are_of_one_size_and_lose_nothing(sizes: list[int], frame_samples: int) -> None:
    sound = np.arange(sum(sizes), dtype=np.int64).astype(np.int16)
    rechunker = Rechunker(frame_samples)
    frames: list[Pcm] = []
    at = 0
    for size in sizes:
        frames += rechunker.push(sound[at : at + size])
        at += size
    assert all(len(frame) == frame_samples for frame in frames)
    assert len(frames) == len(sound) // frame_samples
    joined = np.concatenate([*frames, np.empty(0, np.int16)])
    assert np.array_equal(joined, sound[: len(joined)])


def test_after_a_reset_the_rest_is_gone() -> None:
    rechunker = Rechunker(4)
    assert list(rechunker.push(np.array([1, 2, 3], np.int16))) == []
    rechunker.reset()
    (frame,) = rechunker.push(np.array([5, 6, 7, 8], np.int16))
    assert frame.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_level_and_length_through_resampling(rate_hz: int) -> None:
    seconds = 1.0
    times_s = np.arange(round(rate_hz * seconds)) / rate_hz
    tone = (8000 * np.sin(2 * np.pi * 440 * times_s)).astype(np.int16)
    resampler = Resampler(rate_hz, 16_000)
    parts = [resampler.push(part) for part in np.array_split(tone, 37)]
    out = np.concatenate([*parts, resampler.flush()])
    assert abs(len(out) - 16_000) <= 1
    spectrum = np.abs(np.fft.rfft(out[:16_000]))
    assert int(np.argmax(spectrum)) == 440
    assert np.sqrt(np.mean(out.astype(float) ** 2)) == pytest.approx(8000 / np.sqrt(2), rel=0.02)


def test_the_same_rate_passes_through() -> None:
    pcm = np.array([1, -2, 3], np.int16)
    resampler = Resampler(16_000, 16_000)
    assert np.array_equal(resampler.push(pcm), pcm)
    assert len(resampler.flush()) == 0
