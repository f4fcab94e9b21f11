"""Sounds of two tones: a short, soft one, and one that calls from the next room."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk

_TONES_HZ: Final = (659.3, 880.0)
_TONE_S: Final = 0.11
_FADE_S: Final = 0.04
_LEVEL: Final = 4000.0
_RINGS: Final = 4
_PAUSE_S: Final = 0.15
_LOUD: Final = 2.5


def chime() -> AudioChunk:
    """A rising fourth, 0.22 s, at about -21 dB of full scale."""
    t = np.arange(round(_TONE_S * RATE_HZ)) / RATE_HZ
    shape = np.minimum(1.0, t / 0.005) * np.minimum(1.0, (_TONE_S - t) / _FADE_S)
    tones = [np.sin(2 * np.pi * hz * t) * shape for hz in _TONES_HZ]
    return AudioChunk((np.concatenate(tones) * _LEVEL).astype(np.int16))


def ringing() -> AudioChunk:
    """The same sound four times, at about -13 dB of full scale, 1.5 s in all."""
    loud = (chime().pcm * _LOUD).astype(np.int16)
    pause = np.zeros(round(_PAUSE_S * RATE_HZ), np.int16)
    return AudioChunk(np.concatenate([loud, pause] * _RINGS))
