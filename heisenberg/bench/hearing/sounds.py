"""What else sounds in a room: noise, hum, knocks, music, people talking; and how it is mixed.

Sound is float at 16 kHz with full scale at 1. What is made here has an RMS of 1 until it is mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.room_response import room_response
from heisenberg.bench.hearing.voices import Floats

Colour: TypeAlias = Literal["white", "pink", "brown"]

_FULL_SCALE: Final = 32767
_FALL: Final = {"white": 0.0, "pink": 0.5, "brown": 1.0}
"""How fast the amplitude falls with the frequency, as its exponent."""
_LOWEST_HZ: Final = 20.0
_BLOCK: Final = RATE_HZ // 50
_PAUSE_DB: Final = -26.0
"""What is so much quieter than the loudest 20 ms is a pause."""

_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 6, 7, 10))
_CHORDS: Final = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10))


def noise(samples: int, colour: Colour, random: np.random.Generator) -> Floats:
    spectrum = np.fft.rfft(random.normal(size=samples))
    frequencies = np.maximum(np.fft.rfftfreq(samples, 1 / RATE_HZ), _LOWEST_HZ)
    return _unit(np.fft.irfft(spectrum / frequencies ** _FALL[colour], samples))


def hum(samples: int, random: np.random.Generator) -> Floats:
    """A mains hum or a motor, with its harmonics."""
    t = np.arange(samples) / RATE_HZ
    base_hz = random.choice((50.0, 60.0, random.uniform(70.0, 200.0)))
    return _unit(
        sum(
            np.sin(2 * np.pi * (base_hz * n * t + random.uniform())) / n ** random.uniform(0.5, 1.5)
            for n in range(1, 12)
        )
    )


def knocks(samples: int, random: np.random.Generator) -> Floats:
    """Keys, cups, doors: short decaying bursts at any moment."""
    sound = np.zeros(samples)
    for begin in random.integers(0, samples, size=max(1, 3 * samples // RATE_HZ)).tolist():
        length = min(samples - begin, round(RATE_HZ * random.uniform(0.01, 0.12)))
        decay = np.exp(-np.arange(length) / (length / random.uniform(3.0, 8.0)))
        sound[begin : begin + length] += (
            random.uniform(0.2, 1.0) * decay * random.normal(size=length)
        )
    return _unit(sound)


def music(samples: int, random: np.random.Generator) -> Floats:
    """Chords, a melody and drums, at any pace and in any key."""
    sound = np.zeros(samples)
    beat = round(RATE_HZ * 60 / random.uniform(70, 150))
    key_hz = 55.0 * 2 ** (random.integers(0, 12) / 12)
    scale = _SCALES[random.integers(len(_SCALES))]
    for index, begin in enumerate(range(0, samples, beat)):
        if index % 4 == 0:
            root = scale[random.integers(len(scale))]
            for third in _CHORDS[random.integers(len(_CHORDS))]:
                tone = _tone(key_hz * 2 ** ((root + third + 12) / 12), 4 * beat, 1.5, random)
                _add(sound, tone * 0.3, begin)
        for part in range(random.integers(1, 4)):
            step = scale[random.integers(len(scale))] + random.choice((24, 36))
            tone = _tone(key_hz * 2 ** (step / 12), beat, 6.0, random)
            _add(sound, tone * 0.4, begin + part * beat // 3)
        _add(sound, _drum(low=index % 2 == 0, random=random), begin)
    return _unit(sound)


def in_room(sound: Floats, random: np.random.Generator) -> Floats:
    """``sound`` as it arrives in a made-up room of 0.15 to 0.6 s of reverberation."""
    response = room_response(int(random.integers(2**31)), random.uniform(0.15, 0.6), RATE_HZ)
    size = len(sound) + len(response) - 1
    heard = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    return heard[: len(sound)]


def babble(speech: Sequence[Floats], samples: int, random: np.random.Generator) -> Floats:
    """Several people at once, each saying one of ``speech`` from somewhere in its middle on."""
    voices = [np.roll(np.resize(one, samples), random.integers(samples)) for one in speech]
    return _unit(np.sum([_unit(voice) for voice in voices], axis=0))


def mixed(speech: Floats, other: Floats, snr_db: float) -> Floats:
    """Both; ``other`` (RMS 1) lies ``snr_db`` below what sounds in ``speech``, pauses left out."""
    return speech + other[: len(speech)] * _active_rms(speech) * 10 ** (-snr_db / 20)


def played_faster(sound: Floats, factor: float) -> Floats:
    """Faster and higher by ``factor``: somebody else, as it were."""
    import soxr

    return np.asarray(soxr.resample(sound, factor * RATE_HZ, RATE_HZ), dtype=np.float64)


def at_peak(sound: Floats, peak_db: float) -> Floats:
    return sound * 10 ** (peak_db / 20) / max(float(np.abs(sound).max()), 1e-9)


def as_pcm(sound: Floats) -> Pcm:
    return np.clip(np.rint(sound * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)


def _tone(pitch_hz: float, samples: int, decay: float, random: np.random.Generator) -> Floats:
    t = np.arange(samples) / RATE_HZ
    brightness = random.uniform(1.0, 2.5)
    harmonics = range(1, min(12, int(RATE_HZ / 2 / pitch_hz)))
    waves = [np.sin(2 * np.pi * pitch_hz * n * t) / n**brightness for n in harmonics]
    attack = np.minimum(1.0, t / random.uniform(0.003, 0.03))
    return np.asarray(np.sum(waves, axis=0) * attack * np.exp(-decay * t), dtype=np.float64)


def _drum(*, low: bool, random: np.random.Generator) -> Floats:
    t = np.arange(RATE_HZ // 5) / RATE_HZ
    if low:
        return np.asarray(np.sin(2 * np.pi * 60.0 * t) * np.exp(-18.0 * t), dtype=np.float64)
    return 0.5 * random.normal(size=len(t)) * np.exp(-30.0 * t)


def _add(sound: Floats, part: Floats, begin: int) -> None:
    fits = sound[begin : begin + len(part)]
    fits += part[: len(fits)]


def _active_rms(sound: Floats) -> float:
    blocks = sound[: len(sound) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    power = np.mean(blocks**2, axis=1)
    return float(np.sqrt(np.mean(power[power >= power.max() * 10 ** (_PAUSE_DB / 10)])))


def _unit(sound: Floats) -> Floats:
    return sound / max(float(np.sqrt(np.mean(sound**2))), 1e-9)
