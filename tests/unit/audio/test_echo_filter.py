"""The linear filter learns a room and leaves a voice alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.echo_filter import EchoFilter
from heisenberg.audio.echo_path import room_of
from tests.fakes.echo import babble, echo_of, level_db
from tests.fakes.speech import noise, silence

_FAR = babble(6.0, level_db=-20, seed=1)


def _process(filter_: EchoFilter, near: Pcm, far: Pcm) -> npt.NDArray[np.float32]:
    chunks = (slice(at, at + CHUNK_SAMPLES) for at in range(0, len(near), CHUNK_SAMPLES))
    return np.concatenate([filter_.process(near[chunk], far[chunk]) for chunk in chunks])


@pytest.mark.parametrize("seed", range(3))
def test_most_of_the_echo_is_gone_after_two_seconds(seed: int) -> None:
    near = echo_of(_FAR, gain=0.5, delay_ms=10, room=room_of(seed))
    rest = _process(EchoFilter(), near, _FAR)
    assert level_db(near[2 * RATE_HZ :]) - level_db(rest[2 * RATE_HZ :]) > 15.0


@pytest.mark.parametrize("seed", range(3))
def test_what_a_steady_noise_teaches_is_exact(seed: int) -> None:
    far = noise(6.0, colour="pink", level_db=-20, seed=1)
    near = echo_of(far, gain=0.5, delay_ms=10, room=room_of(seed))
    rest = _process(EchoFilter(), near, far)
    assert level_db(near[4 * RATE_HZ :]) - level_db(rest[4 * RATE_HZ :]) > 33.0


def test_a_voice_passes_unharmed_and_spoils_nothing() -> None:
    echo = echo_of(_FAR, gain=0.5, delay_ms=10, room=room_of(1))
    voice = np.zeros_like(_FAR)
    voice[3 * RATE_HZ : 5 * RATE_HZ] = babble(2.0, level_db=-24, seed=2)
    rest = _process(EchoFilter(), echo + voice, _FAR)
    harm = rest - voice
    during, after = slice(3 * RATE_HZ, 5 * RATE_HZ), slice(5 * RATE_HZ, 6 * RATE_HZ)
    assert level_db(voice[during]) - level_db(harm[during]) > 10.0
    assert level_db(echo[after]) - level_db(harm[after]) > 15.0


def test_what_follows_nothing_played_passes_exactly() -> None:
    voice = babble(1.0, level_db=-24, seed=2)
    assert np.array_equal(_process(EchoFilter(), voice, silence(1.0)), voice)


def test_after_a_reset_the_room_is_new() -> None:
    near = echo_of(_FAR, gain=0.5, delay_ms=10)
    filter_ = EchoFilter()
    first = _process(filter_, near, _FAR)
    filter_.reset()
    assert np.array_equal(_process(filter_, near, _FAR), first)
