"""A short, soft sound of two tones."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk

_TONES_HZ: Final = (659.3, 880.0)
_TONE_S: Final = 0.11
_FADE_S: Final = 0.04
_LEVEL: Final = 4000.0


def chime() -> AudioChunk:
    """A rising fourth, 0.22 s, at about -21 dB of full scale."""
    t = np.arange(round(_TONE_S * RATE_HZ)) / RATE_HZ
    shape = np.minimum(1.0, t / 0.005) * np.minimum(1.0, (_TONE_S - t) / _FADE_S)
    tones = [np.sin(2 * np.pi * hz * t) * shape for hz in _TONES_HZ]
    return AudioChunk((np.concatenate(tones) * _LEVEL).astype(np.int16))
