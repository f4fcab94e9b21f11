"""What people say, and what else sounds, while an assistant speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm

_Floats = npt.NDArray[np.float64]

REQUESTS: Final = (
    "What time is it in Tokyo?",
    "Wait, I need something else.",
    "No, that is not what I asked.",
    "Can you say that again?",
    "Tell me about the weather instead.",
    "Hold on, how far is that?",
    "Actually, can we talk about music?",
    "Who was the first person on the moon?",
    "Please set a timer for ten minutes.",
    "How do you spell that name?",
    "I already know that, thank you.",
    "What about the other one?",
    "Give me a shorter answer, please.",
    "Could you speak a little slower?",
    "Is there anything open on Sunday?",
    "Turn off the light in the kitchen.",
    "Why is that so important?",
    "Let us go back to the first question.",
    "How much does it cost?",
    "When does the next train leave?",
    "I want to hear something different.",
    "Where can I buy fresh bread?",
    "Remind me to call the doctor tomorrow.",
    "Are you sure about that number?",
    "That is enough, what else do you know?",
    "Add milk and eggs to my shopping list.",
    "Do you know a good recipe for soup?",
    "How many people live in London?",
    "Play some quiet music, please.",
    "What is the largest ocean in the world?",
    "No, I meant the other city.",
    "Explain it in a simpler way.",
    "Will it rain this afternoon?",
    "Which one of them is older?",
    "Stop the story and tell me a joke.",
    "Excuse me, what does that mean?",
    "How long does it take by car?",
    "Can you translate that into French?",
    "I have another question for you.",
    "What did you say about the river?",
)
"""Whole requests with which somebody interrupts: 40."""

_SPOKEN: Final = (
    *("Yeah.", "Okay.", "Right.", "I see.", "Uh huh.", "Sure.", "Oh.", "Wow.", "Really?", "Great."),
)
_PITCHES: Final = (1.0, 1.12)


@dataclass(frozen=True, slots=True)
class Backchannel:
    """Something that is no wish to speak: words for a voice to say, or a sound."""

    name: str
    text: str = ""
    pitch: float = 1.0
    sound: Pcm | None = None
    level_db: float = 0.0


def backchannels() -> list[Backchannel]:
    """40 of them: spoken, hummed, coughs, noises, and a television across the room."""
    found = [Backchannel(text, text, pitch) for pitch in _PITCHES for text in _SPOKEN]
    makers: tuple[tuple[str, Callable[[int], Pcm], int], ...] = (
        ("hum", hum, 6),
        ("cough", cough, 5),
        ("door", _door, 2),
        ("typing", _typing, 2),
        ("clap", _clap, 2),
        ("clink", _clink, 1),
    )
    found += [
        Backchannel(f"{name} {seed}", sound=make(seed))
        for name, make, count in makers
        for seed in range(count)
    ]
    television = ("And now the news from around the world.", "It will be sunny on the coast today.")
    return [*found, *(Backchannel("television", text, 0.93, level_db=-20.0) for text in television)]


def hum(seed: int) -> Pcm:
    """ "Mhm": two hums with a breath between them, the second one higher."""
    rng = np.random.default_rng(seed)
    pitch_hz = rng.uniform(105.0, 210.0)
    first = _nasal(rng.uniform(0.12, 0.18), pitch_hz, pitch_hz * 0.95)
    breath = _filtered(rng.normal(size=round(0.05 * RATE_HZ)), 800.0, 3000.0) * 0.05
    second = _nasal(rng.uniform(0.18, 0.28), pitch_hz * 1.1, pitch_hz * 1.3)
    return _pcm(np.concatenate((first, breath, second)), -20.0)


def cough(seed: int) -> Pcm:
    """One to three bursts of breath, each with a hard beginning and a rough voice in it."""
    rng = np.random.default_rng(100 + seed)
    bursts = []
    for _ in range(rng.integers(1, 4)):
        length = round(rng.uniform(0.16, 0.3) * RATE_HZ)
        t = np.arange(length) / RATE_HZ
        shape = np.minimum(1.0, t / 0.008) * np.exp(-t / rng.uniform(0.05, 0.1))
        breath = _filtered(rng.normal(size=length), 300.0, rng.uniform(2500.0, 5000.0))
        voice = np.sign(np.sin(2 * np.pi * rng.uniform(90.0, 160.0) * t)) * rng.uniform(0.1, 0.4)
        bursts += [shape * (breath + voice), np.zeros(round(rng.uniform(0.05, 0.15) * RATE_HZ))]
    return _pcm(np.concatenate(bursts), -18.0)


def _door(seed: int) -> Pcm:
    rng = np.random.default_rng(200 + seed)
    t = np.arange(round(0.5 * RATE_HZ)) / RATE_HZ
    thump = _filtered(rng.normal(size=len(t)), 40.0, 400.0) * np.exp(-t / 0.08)
    return _pcm(thump, -16.0)


def _typing(seed: int) -> Pcm:
    rng = np.random.default_rng(300 + seed)
    sound = np.zeros(round(1.6 * RATE_HZ))
    for at_s in np.cumsum(rng.uniform(0.08, 0.2, size=9)):
        t = np.arange(round(0.03 * RATE_HZ)) / RATE_HZ
        click = _filtered(rng.normal(size=len(t)), 1500.0, 6500.0) * np.exp(-t / 0.006)
        at = round(at_s * RATE_HZ)
        sound[at : at + len(click)] += click[: len(sound) - at]
    return _pcm(sound, -30.0)


def _clap(seed: int) -> Pcm:
    rng = np.random.default_rng(400 + seed)
    t = np.arange(round(0.2 * RATE_HZ)) / RATE_HZ
    one = _filtered(rng.normal(size=len(t)), 600.0, 4000.0) * np.exp(-t / 0.02)
    return _pcm(np.concatenate([one, np.zeros(round(0.12 * RATE_HZ))] * 3), -18.0)


def _clink(seed: int) -> Pcm:
    rng = np.random.default_rng(500 + seed)
    t = np.arange(round(0.6 * RATE_HZ)) / RATE_HZ
    tones = [np.sin(2 * np.pi * f * t) * np.exp(-t / 0.12) for f in rng.uniform(1800, 5200, 5)]
    return _pcm(np.sum(tones, axis=0), -22.0)


def _nasal(seconds: float, from_hz: float, to_hz: float) -> _Floats:
    """A voice behind closed lips: harmonics below 500 Hz, rising and falling softly."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(np.linspace(from_hz, to_hz, len(t))) / RATE_HZ
    wave = sum(np.sin(n * phase) / n**1.5 for n in range(1, 8))
    return np.asarray(wave * np.sin(np.pi * np.linspace(0.0, 1.0, len(t))) ** 0.5)


def _filtered(noise: _Floats, low_hz: float, high_hz: float) -> _Floats:
    """The part of ``noise`` between two frequencies, falling off gently on both sides."""
    spectrum = np.fft.rfft(noise)
    hz = np.maximum(np.fft.rfftfreq(len(noise), 1 / RATE_HZ), 1.0)
    kept = 1 / np.sqrt((1 + (low_hz / hz) ** 4) * (1 + (hz / high_hz) ** 4))
    return np.asarray(np.fft.irfft(spectrum * kept, len(noise)))


def _pcm(wave: _Floats, level_db: float) -> Pcm:
    """At a level (dB of full scale, over its louder half)."""
    loud = np.sort(np.square(wave))[len(wave) // 2 :]
    gain = 10 ** (level_db / 20) / np.sqrt(float(np.mean(loud)))
    pcm: Pcm = np.clip(wave * gain * 32767, -32767, 32767).astype(np.int16)
    return pcm
