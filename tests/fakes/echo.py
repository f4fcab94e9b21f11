"""What an echo canceller needs around it, made of arrays, and speech-like sound without a voice."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.echo_path import EchoPath
from heisenberg.core.errors import EngineError

_Floats = npt.NDArray[np.float64]


class SubtractingCanceller:
    """An ``EchoCanceller`` for a room whose echo is ``gain`` times what is played, at once."""

    def __init__(self, gain: float) -> None:
        self._gain = gain
        self.processed = 0
        """Samples."""
        self.resets = 0
        self.closed = False

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        if self.closed:
            raise EngineError("The echo canceller is closed.")
        self.processed += len(near)
        rest: Pcm = np.rint(near - self._gain * far).astype(np.int16)
        return rest

    def reset(self) -> None:
        self.resets += 1

    async def aclose(self) -> None:
        self.closed = True


class ScriptedReference:
    """An ``EchoReference`` that plays ``sound`` and is silent afterwards.

    The speaker was given the sound 0.1 s before it plays it.
    """

    def __init__(self, sound: Pcm) -> None:
        self._sound = sound
        self._at = 0
        self.paths = 1

    def read(self, samples: int) -> Pcm:
        part = self._sound[self._at : self._at + samples]
        self._at += samples
        return np.concatenate((part, np.zeros(samples - len(part), dtype=np.int16)))

    @property
    def is_silent(self) -> bool:
        known = slice(max(0, self._at - CHUNK_SAMPLES), self._at + RATE_HZ // 10)
        return not self._sound[known].any()

    @property
    def read_s(self) -> float:
        """How much was read."""
        return self._at / RATE_HZ


@functools.cache
def babble(seconds: float, *, level_db: float, seed: int) -> Pcm:
    """Voiced and unvoiced syllables with pauses, ``level_db`` from full scale (root mean square).

    A canceller can't tell it from speech; nobody understands it.
    """
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE_HZ))
    at = 0
    while at < len(sound):
        syllable = _syllable(random)[: len(sound) - at]
        sound[at : at + len(syllable)] += syllable
        at += len(syllable)
        if random.random() < 0.15:
            at += int(random.uniform(0.05, 0.35) * RATE_HZ)
    sound *= 10 ** (level_db / 20) / np.sqrt(np.mean(sound**2))
    pcm: Pcm = np.clip(np.rint(sound * 32767), -32767, 32767).astype(np.int16)
    pcm.flags.writeable = False
    return pcm


def _syllable(random: np.random.Generator) -> _Floats:
    samples = int(random.uniform(0.1, 0.28) * RATE_HZ)
    times_s = np.arange(samples) / RATE_HZ
    pitch_hz = random.uniform(90, 180) * (1 + random.uniform(-0.2, 0.2) * times_s)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    formants_hz = random.uniform((250, 800, 2200), (850, 2200, 3200))
    voiced = np.zeros(samples)
    for harmonic in range(1, 40):
        hz = harmonic * float(np.mean(pitch_hz))
        loudness = np.sum(1 / (1 + ((hz - formants_hz) / 150) ** 2)) + 0.02
        voiced += loudness / harmonic**0.5 * np.sin(harmonic * phase)
    hiss = np.diff(random.normal(size=samples + 1)) * random.uniform(0.02, 0.4)
    rising = np.minimum(times_s / 0.02, 1.0) * np.minimum(times_s[::-1] / 0.05, 1.0)
    shaped: _Floats = (voiced / np.std(voiced) + hiss) * rising * random.uniform(0.3, 1.0)
    return shaped


def echo_of(
    far: Pcm,
    *,
    gain: float,
    delay_ms: float,
    room: _Floats | None = None,
    overdrive: float = 0.0,
) -> Pcm:
    """What a microphone hears of ``far``."""
    delay_samples = round(delay_ms * RATE_HZ / 1000)
    path = EchoPath(gain, delay_samples, room=room, overdrive=overdrive)
    ticks = [path.push(far[at : at + CHUNK_SAMPLES]) for at in range(0, len(far), CHUNK_SAMPLES)]
    heard: Pcm = np.clip(np.rint(np.concatenate(ticks)), -32768, 32767).astype(np.int16)
    return heard[: len(far)]


def level_db(pcm: npt.NDArray[np.generic]) -> float:
    """The root mean square in dB from full scale."""
    power = float(np.mean(np.square(pcm.astype(np.float64)))) / 32768.0**2
    return 10 * float(np.log10(power + 1e-12))
