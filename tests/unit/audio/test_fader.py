from __future__ import annotations

import numpy as np

from heisenberg.audio.fader import Fader

RATE_HZ = 16_000
LOUD = np.full(1600, 10_000, np.int16)


def test_full_volume_changes_nothing() -> None:
    assert Fader().apply(LOUD, RATE_HZ) is LOUD


def test_volume_and_ducking_multiply() -> None:
    fader = Fader(volume=0.5)
    fader.ducked = 0.2
    fader.apply(LOUD, RATE_HZ)
    assert set(fader.apply(LOUD, RATE_HZ)) == {1000}


def test_a_change_fades_and_does_not_click() -> None:
    fader = Fader()
    fader.muted = True
    out = fader.apply(LOUD, RATE_HZ).astype(np.int32)
    assert np.abs(np.diff(out)).max() < 100
    assert not out[160:].any(), "within 10 ms"


def test_unmuted_it_is_as_loud_as_before() -> None:
    fader = Fader(volume=0.5)
    fader.muted = True
    fader.apply(LOUD, RATE_HZ)
    fader.muted = False
    fader.apply(LOUD, RATE_HZ)
    assert set(fader.apply(LOUD, RATE_HZ)) == {5000}
