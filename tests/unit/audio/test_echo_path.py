"""Made-up echoes are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.audio.echo_path import EchoPath, room_of
from tests.fakes.echo import babble, echo_of, level_db
from tests.fakes.speech import join, noise, silence


def test_tick_by_tick_it_is_a_convolution() -> None:
    far = babble(1.0, level_db=-20, seed=1)
    room = room_of(3)
    heard = echo_of(far, gain=0.5, delay_ms=12.5, room=room)
    response = np.concatenate((np.zeros(200), 0.5 * room))
    assert np.max(np.abs(heard - np.convolve(far, response)[: len(far)])) < 1.0


def test_the_end_of_an_echo_comes_after_the_sound() -> None:
    far = join(babble(0.5, level_db=-20, seed=1), silence(0.5))
    heard = echo_of(far, gain=0.5, delay_ms=100, room=room_of(3))
    assert level_db(heard[8000:9600]) > -40
    assert not heard[-800:].any()


@pytest.mark.parametrize("seed", range(5))
def test_a_room_does_not_make_it_louder(seed: int) -> None:
    far = noise(3.0, colour="white", level_db=-20, seed=1)
    heard = echo_of(far, gain=0.5, delay_ms=20, room=room_of(seed))
    assert level_db(heard[RATE_HZ:]) == pytest.approx(-26, abs=1.0)


def test_a_room_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert np.array_equal(room_of(7), room_of(7))
    assert not np.array_equal(room_of(7)[:100], room_of(8)[:100])


def test_an_overdriven_loudspeaker_bends_what_is_loud_and_only_that() -> None:
    full, soft = (np.full(160, value, np.int16) for value in (32767, 300))
    bend = EchoPath(1.0, 0, overdrive=1.0)
    assert bend.push(full)[80] == pytest.approx(32767 * np.tanh(1.0), rel=0.001)
    assert bend.push(soft)[80] == pytest.approx(300, rel=0.001)
