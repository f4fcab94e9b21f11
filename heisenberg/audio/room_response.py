"""What a room does to sound: an impulse response with early reflections and a decaying tail."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_REFLECTIONS: Final = 8
_NEAREST_S: Final = 0.002
_FARTHEST_S: Final = 0.030
_TAIL_DB: Final = -6.0
"""The energy of the tail against that of the direct sound: a speaker a step away."""


def room_response(seed: int, rt60_s: float, rate_hz: int) -> npt.NDArray[np.float64]:
    """The response of a made-up room, the same for the same ``seed``.

    The first sample is the direct sound; ``rt60_s`` (above 0) is how long the tail takes to fall
    by 60 dB, and the response ends there. Its energy is 1.
    """
    random = np.random.default_rng(seed)
    times_s = np.arange(max(1, round(rt60_s * rate_hz))) / rate_hz
    envelope = 10 ** (-3.0 * times_s / rt60_s)
    tail = random.normal(size=len(times_s)) * envelope * (times_s >= _NEAREST_S)
    energy = np.sum(tail**2)
    response = tail * np.sqrt(10 ** (_TAIL_DB / 10) / energy) if energy > 0 else tail
    for arrives_s in random.uniform(_NEAREST_S, _FARTHEST_S, size=_REFLECTIONS):
        strength = random.uniform(0.2, 0.5) * _NEAREST_S / arrives_s
        at = round(arrives_s * rate_hz)
        if at < len(response):
            response[at] += strength * random.choice((-1.0, 1.0))
    response[0] = 1.0
    normal: npt.NDArray[np.float64] = response / np.sqrt(np.sum(response**2))
    return normal
