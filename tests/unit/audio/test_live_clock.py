"""When the sound of a stream was heard."""

from __future__ import annotations

import pytest

from heisenberg.audio.live_clock import StreamClock

_BLOCK_S = 0.02


def _run(clock: StreamClock, seconds: float, *, start: int = 0, speed: float = 1.0) -> float:
    """Blocks on time, by a device whose clock runs ``speed`` as fast; the last block's time."""
    for number in range(start, start + round(seconds / _BLOCK_S)):
        late_s = 0.03 * (number % 7 == 3)
        arrived_s = (number + 1) * _BLOCK_S / speed + late_s
        time_s = clock.place(_BLOCK_S, arrived_s)
    return time_s


def test_blocks_that_come_late_by_chance_follow_each_other() -> None:
    clock = StreamClock(0.04)
    ends_s = None
    for number in range(200):
        late_s = 0.05 * (number % 5 == 4)
        time_s = clock.place(_BLOCK_S, (number + 1) * _BLOCK_S + late_s)
        assert ends_s is None or time_s == pytest.approx(ends_s, abs=1e-4)
        ends_s = time_s + _BLOCK_S
    assert ends_s == pytest.approx(200 * _BLOCK_S - 0.04, abs=0.001)


@pytest.mark.parametrize("speed", [0.9998, 1.0002])
def test_a_clock_that_runs_a_little_differently_is_followed_without_jumps(speed: float) -> None:
    clock = StreamClock(0.0)
    ends_s = 0.0
    for number in range(30_000):  # ten minutes: 0.12 s apart if nothing were done
        time_s = clock.place(_BLOCK_S, (number + 1) * _BLOCK_S / speed)
        assert time_s == pytest.approx(ends_s, abs=1e-4)
        ends_s = time_s + _BLOCK_S
    assert ends_s == pytest.approx(30_000 * _BLOCK_S / speed, abs=0.01)


def test_sound_that_is_known_to_be_lost_makes_the_time_jump_at_once() -> None:
    clock = StreamClock(0.0)
    _run(clock, 2.0)
    assert clock.place(_BLOCK_S, 2.0 + 0.5 + _BLOCK_S, lost=True) == pytest.approx(2.5, abs=0.01)


def test_sound_that_was_lost_unnoticed_makes_it_jump_a_little_later() -> None:
    clock = StreamClock(0.0)
    _run(clock, 2.0)
    assert _run(clock, 2.0, start=125) == pytest.approx(4.48, abs=0.01)
