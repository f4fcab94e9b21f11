"""The echo comes exactly as late and as loud as asked, however the sound is cut into blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heisenberg.audio.base import Pcm
from heisenberg.bench.echo_path import EchoPath, Floats, echo_response


def _noise(samples: int, seed: int = 1) -> Pcm:
    return np.random.default_rng(seed).integers(-8000, 8000, samples).astype(np.int16)


def _pushed(path: EchoPath, sound: Pcm, block: int) -> Floats:
    return np.concatenate([path.push(sound[at : at + block]) for at in range(0, len(sound), block)])


@given(length=st.integers(1, 700), block=st.sampled_from([32, 160, 480]), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_block_by_block_is_the_same_as_at_once(length: int, block: int, seed: int) -> None:
    response = np.random.default_rng(seed).normal(size=length)
    sound = _noise(block * 6, seed)
    expected = np.convolve(sound.astype(np.float64), response)[: len(sound)]
    assert _pushed(EchoPath(response, block), sound, block) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("delay_s", [0.0, 0.0001, 0.01, 0.0371])
def test_the_delay_is_exact_in_samples(delay_s: float) -> None:
    response = echo_response(np.ones(1), delay_s=delay_s, gain_db=0.0)
    sound = _noise(1600)
    late = round(delay_s * 16_000)
    heard = np.rint(_pushed(EchoPath(response, 160), sound, 160)).astype(np.int16)
    assert not heard[:late].any()
    assert np.array_equal(heard[late:], sound[: len(sound) - late])


@pytest.mark.parametrize("gain_db", [-20.0, -6.0, 0.0])
def test_the_gain_is_that_of_the_whole_echo(gain_db: float) -> None:
    room = np.random.default_rng(5).normal(size=800) * np.exp(-np.arange(800) / 150)
    sound = _noise(48_000)
    heard = _pushed(EchoPath(echo_response(room, delay_s=0.0, gain_db=gain_db), 160), sound, 160)
    level_db = 20 * np.log10(np.std(heard) / np.std(sound))
    assert level_db == pytest.approx(gain_db, abs=0.2)
