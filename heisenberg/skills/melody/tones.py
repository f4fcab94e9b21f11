"""How notes sound: a plucked string, made of a few harmonics that fade."""

from __future__ import annotations

from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, AudioChunk

_LEVEL: Final = 9000.0
_ATTACK_S: Final = 0.005
_RELEASE_S: Final = 0.02
_FADE_S: Final = 0.6
"""In which a harmonic falls to a third; the higher ones are as much faster as they are higher."""
_HARMONICS: Final = (1.0, 0.5, 0.3, 0.15, 0.08)
_A4: Final = 69
_A4_HZ: Final = 440.0


def frequency_hz(note: int) -> float:
    """Of a MIDI note, in equal temperament."""
    return float(_A4_HZ * 2 ** ((note - _A4) / 12))


def tone(note: int | None, duration_s: float) -> AudioChunk:
    """``note``, or silence where there is none; exactly so long, to a sample."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    if note is None:
        return AudioChunk(np.zeros(len(t), np.int16))
    hz = frequency_hz(note)
    wave = np.zeros(len(t))
    for number, share in enumerate(_HARMONICS, start=1):
        wave += share * np.sin(2 * np.pi * hz * number * t) * np.exp(-t * number / _FADE_S)
    edges = np.minimum(1.0, np.minimum(t / _ATTACK_S, (duration_s - t) / _RELEASE_S))
    return AudioChunk((wave * edges * (_LEVEL / sum(_HARMONICS))).astype(np.int16))
