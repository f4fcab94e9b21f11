"""When a microphone need not be hurried."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import Pcm
from heisenberg.audio.live_quiet import Quiet

_BLOCK_S = 0.04
_NOISE = np.random.default_rng(1)


def _note(quiet: Quiet, seconds: float, level: float) -> None:
    for _ in range(round(seconds / _BLOCK_S)):
        pcm: Pcm = np.asarray(_NOISE.standard_normal(1764) * level, np.int16)
        quiet.note(pcm, _BLOCK_S)


@pytest.mark.parametrize("level", [0.0, 2.0, 30.0, 500.0])
def test_noise_that_goes_on_is_quiet_after_a_while(level: float) -> None:
    quiet = Quiet()
    long: list[bool] = []
    for seconds in (2.5, 1.0, 60.0):
        _note(quiet, seconds, level)
        long.append(quiet.is_long)
    assert long == [False, True, True]


def test_a_voice_above_the_noise_is_not() -> None:
    quiet = Quiet()
    long: list[bool] = []
    for _ in range(20):
        _note(quiet, 1.0, 100.0)
        _note(quiet, 0.5, 30.0)
        long.append(quiet.is_long)
    assert not any(long)
    for seconds, level in ((4.0, 30.0), (0.04, 100.0)):
        _note(quiet, seconds, level)
        long.append(quiet.is_long)
    assert long[-2:] == [True, False]


def test_a_gap_in_the_sound_does_not_count_as_the_floor() -> None:
    quiet = Quiet()
    _note(quiet, 4.0, 50.0)
    _note(quiet, 0.2, 0.0)
    _note(quiet, 0.2, 50.0)
    assert quiet.is_long
    _note(quiet, 0.1, 5.0)
    _note(quiet, 12.0, 50.0)
    assert quiet.is_long
