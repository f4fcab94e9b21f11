"""Sound files as they come and go over HTTP."""

from __future__ import annotations

import io
from typing import Final

from heisenberg.audio.base import Pcm
from heisenberg.audio.wavfile import read_stream
from heisenberg.core.errors import InputError

FORMATS: Final = {
    "wav": ("audio/wav", "WAV", "PCM_16"),
    "flac": ("audio/flac", "FLAC", "PCM_16"),
    "mp3": ("audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "opus": ("audio/ogg", "OGG", "OPUS"),
}
"""By name: the media type, and what libsndfile calls it."""
PCM_RATE_HZ: Final = 24_000
"""Of ``pcm``, which is samples and nothing else: what OpenAI's clients expect."""
_OPUS_RATE_HZ: Final = 24_000
"""Opus knows few rates."""


def read_sound_bytes(data: bytes, *, longest_s: float) -> Pcm:
    """A sound file in memory as 16 kHz mono. It blocks.

    Raises ``InputError`` when it holds no sound or more than ``longest_s``, or is no sound file.
    """
    if not data:
        raise InputError("The sound file is empty.", "Send a WAV, FLAC, Ogg or MP3 file.")
    return read_stream(io.BytesIO(data), "The sound file", longest_s=longest_s)


def written(pcm: Pcm, rate_hz: int, name: str) -> tuple[bytes, str]:
    """Samples as a file in one of ``FORMATS`` or as ``pcm``, and its media type. It blocks."""
    if name == "pcm":
        return _resampled(pcm, rate_hz, PCM_RATE_HZ).astype("<i2").tobytes(), "audio/pcm"
    import soundfile

    media_type, container, coding = FORMATS[name]
    if name == "opus":
        pcm, rate_hz = _resampled(pcm, rate_hz, _OPUS_RATE_HZ), _OPUS_RATE_HZ
    out = io.BytesIO()
    soundfile.write(out, pcm, rate_hz, format=container, subtype=coding)
    return out.getvalue(), media_type


def _resampled(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    import numpy as np

    from heisenberg.audio.resample import Resampler

    resampler = Resampler(from_hz, to_hz)
    return np.concatenate([resampler.push(pcm), resampler.flush()])
