"""Sound for tests, the same in every run: speech by Piper, noise, hum, music-like chords, clicks.

All of it is mono int16 at 16 kHz.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm

Colour: TypeAlias = Literal["white", "pink", "brown"]

_VOICE = "en_US-joe-medium"
_FULL_SCALE = 32767
_Floats = npt.NDArray[np.float64]


@functools.cache
def spoken(models_dir: Path, text: str, *, length_scale: float = 1.0, pitch: float = 1.0) -> Pcm:
    """``text`` in Piper's voice, peaking 10 dB below full scale, without silence around it.

    ``length_scale`` above 1 is slower. ``pitch`` above 1 is a smaller speaker: the sound is
    played faster by that factor. The voice is asked for no variation, so the samples depend on
    the arguments alone.
    """
    import soxr
    from piper import SynthesisConfig

    voice = _voice(models_dir)
    manner = SynthesisConfig(
        length_scale=length_scale * pitch, noise_scale=0.0, noise_w_scale=0.0, volume=0.316
    )
    sentences = [chunk.audio_float_array for chunk in voice.synthesize(text, manner)]
    sound = np.concatenate(sentences)
    resampled = soxr.resample(sound, voice.config.sample_rate * pitch, RATE_HZ)
    audible = np.flatnonzero(np.abs(resampled) > 0.001)
    return _frozen(resampled[audible[0] : audible[-1] + 1])


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.int16)


def join(*parts: Pcm) -> Pcm:
    return np.concatenate(parts)


def scaled(pcm: Pcm, gain_db: float) -> Pcm:
    return _frozen(pcm / _FULL_SCALE * 10 ** (gain_db / 20))


def mixed(pcm: Pcm, other: Pcm) -> Pcm:
    """Both at once, as long as ``pcm``; ``other`` is repeated where it is shorter."""
    return _frozen((pcm.astype(np.float64) + np.resize(other, len(pcm))) / _FULL_SCALE)


def noise(seconds: float, *, colour: Colour, level_db: float, seed: int) -> Pcm:
    """Noise whose root mean square lies ``level_db`` from full scale (-50 is a quiet room)."""
    samples = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=samples))
    frequencies = np.maximum(np.fft.rfftfreq(samples, 1 / RATE_HZ), 20.0)
    exponent = {"white": 0.0, "pink": 0.5, "brown": 1.0}[colour]
    return _levelled(np.fft.irfft(spectrum / frequencies**exponent, samples), level_db)


def hum(seconds: float, *, level_db: float, mains_hz: float = 50.0) -> Pcm:
    """Mains hum with its harmonics."""
    t = _times(seconds)
    waves = [np.sin(2 * np.pi * mains_hz * n * t) / n for n in range(1, 8)]
    return _levelled(np.sum(waves, axis=0), level_db)


def music(seconds: float, *, level_db: float, seed: int) -> Pcm:
    """Chords of plucked, decaying tones, a new one every half second, over a steady beat."""
    random = np.random.default_rng(seed)
    t = _times(seconds)
    sound = np.zeros_like(t)
    for begin in np.arange(0.0, seconds, 0.5):
        since = np.maximum(t - begin, 0.0)
        envelope = np.where(t >= begin, np.exp(-3.0 * since), 0.0)
        root = 110.0 * 2 ** (random.integers(0, 24) / 12)
        for interval in (0, random.integers(3, 5), 7, 12):
            pitch_hz = root * 2 ** (interval / 12)
            for harmonic in range(1, 6):
                sound += envelope * np.sin(2 * np.pi * pitch_hz * harmonic * since) / harmonic**1.5
        sound += np.where(t >= begin, np.exp(-40.0 * since), 0.0) * random.normal(size=len(t))
    return _levelled(sound, level_db)


def clicks(seconds: float, *, level_db: float, seed: int) -> Pcm:
    """Short knocks at random moments, three a second: a keyboard, a cup put down."""
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE_HZ))
    length = RATE_HZ // 50
    decay = np.exp(-np.arange(length) / (length / 6))
    for begin in random.integers(0, len(sound) - length, size=round(seconds * 3)):
        sound[begin : begin + length] += decay * random.normal(size=length)
    return _levelled(sound, level_db)


def breath(seconds: float, *, level_db: float, seed: int) -> Pcm:
    """Breath-like noise that swells and fades once every two seconds."""
    t = _times(seconds)
    air = noise(seconds, colour="pink", level_db=-20, seed=seed).astype(np.float64)
    return _levelled(air * np.sin(np.pi * t / 2.0) ** 4, level_db)


@functools.cache
def _voice(models_dir: Path) -> Any:
    import onnxruntime
    from piper import PiperVoice
    from piper.config import PiperConfig

    model = models_dir / _VOICE / f"{_VOICE}.onnx"
    config = json.loads(model.with_suffix(".onnx.json").read_text(encoding="utf-8"))
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    session = onnxruntime.InferenceSession(str(model), options)
    return PiperVoice(session=session, config=PiperConfig.from_dict(config))


def _times(seconds: float) -> _Floats:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _levelled(sound: _Floats, level_db: float) -> Pcm:
    return _frozen(sound * 10 ** (level_db / 20) / np.sqrt(np.mean(sound**2)))


def _frozen(sound: npt.NDArray[np.floating[Any]]) -> Pcm:
    """As int16, read-only because results are shared between tests."""
    pcm: Pcm = np.clip(np.rint(sound * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)
    pcm.flags.writeable = False
    return pcm
