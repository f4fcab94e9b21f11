"""A made-up room sounds like one: direct sound first, then a tail that decays as asked."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.room_response import room_response

RATE_HZ = 16_000


def test_the_same_seed_is_the_same_room() -> None:
    assert np.array_equal(room_response(3, 0.3, RATE_HZ), room_response(3, 0.3, RATE_HZ))
    assert not np.array_equal(room_response(3, 0.3, RATE_HZ), room_response(4, 0.3, RATE_HZ))


@pytest.mark.parametrize("rt60_s", [0.001, 0.2, 0.5])
def test_its_energy_is_one_and_the_direct_sound_comes_first(rt60_s: float) -> None:
    room = room_response(1, rt60_s, RATE_HZ)
    assert len(room) == round(rt60_s * RATE_HZ)
    assert np.sum(room**2) == pytest.approx(1.0)
    assert np.argmax(np.abs(room)) == 0


@pytest.mark.parametrize("rt60_s", [0.2, 0.5])
def test_the_tail_falls_by_60_db_in_its_time(rt60_s: float) -> None:
    """Schroeder's backward integral between -5 and -25 dB, as rooms are measured (ISO 3382)."""
    tail = room_response(1, rt60_s, RATE_HZ)[round(0.035 * RATE_HZ) :]
    left_db = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1] / np.sum(tail**2))
    from_, to = np.argmax(left_db < -5), np.argmax(left_db < -25)
    assert 3 * (to - from_) / RATE_HZ == pytest.approx(rt60_s, rel=0.15)
