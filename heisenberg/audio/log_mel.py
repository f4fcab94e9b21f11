"""Whisper's log-mel features of a fixed window, as smart-turn was trained on them.

The numbers are those of transformers' ``WhisperFeatureExtractor`` with ``do_normalize=True``:
25 ms Hann windows every 10 ms, 80 Slaney mel bands from 0 to 8 kHz, base-10 logarithm, the
loudest 80 dB of it, scaled to about -1 to 1.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ

_BANDS: Final = 80
_WINDOW: Final = 400
_HOP: Final = CHUNK_SAMPLES
_FLOOR: Final = 1e-10
_VARIANCE_FLOOR: Final = 1e-7

# The Slaney scale: linear up to 1 kHz (15 mel), then 27 mel for each factor of 6.4.
_KNEE_HZ: Final = 1000.0
_KNEE_MEL: Final = 15.0
_MEL_PER_LOG: Final = 27.0 / np.log(6.4)

_Floats = npt.NDArray[np.float64]


def log_mel(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Features of ``samples`` (mono, 16 kHz, any scale), shape ``(80, len(samples) // 160)``."""
    centred = samples - samples.mean()
    scaled = centred / np.sqrt(centred.var() + _VARIANCE_FLOOR)
    padded = np.pad(scaled.astype(np.float64), _WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:-1]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW + 1)[:-1], axis=-1)) ** 2
    log = np.log10(np.maximum(_filters() @ power.T, _FLOOR))
    loudest: _Floats = np.maximum(log, log.max() - 8.0)
    return ((loudest + 4.0) / 4.0).astype(np.float32)


@functools.cache
def _filters() -> _Floats:
    """Triangles of equal area, one a band: shape ``(80, 201)``."""
    top_mel = _KNEE_MEL + np.log(RATE_HZ / 2 / _KNEE_HZ) * _MEL_PER_LOG
    mels = np.linspace(0.0, top_mel, _BANDS + 2)
    edges = np.where(
        mels < _KNEE_MEL,
        mels * _KNEE_HZ / _KNEE_MEL,
        _KNEE_HZ * np.exp((mels - _KNEE_MEL) / _MEL_PER_LOG),
    )
    bins = np.linspace(0.0, RATE_HZ / 2, _WINDOW // 2 + 1)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    triangles: _Floats = np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (high - low)
    return triangles
