"""Utterances for a recogniser: several voices, alone and in noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.hearing import sounds
from heisenberg.bench.hearing.stt_texts import SENTENCES
from heisenberg.bench.hearing.voices import EspeakSpeaker, Floats, Manner, PiperSpeaker, Speaker
from heisenberg.core.config import Config
from heisenberg.tts.espeak import is_there

SEED: Final = 1
MANNERS: Final = {
    "plain": Manner(),
    "slow and deep": Manner(speed=0.92, pitch=0.88),
    "quick": Manner(speed=1.2, noise=0.8),
    "high": Manner(speed=1.05, pitch=1.2),
}
"""How the speaker says things: as so many people, as it were."""
ESPEAK: Final = "espeak-ng"
LEVELS_DB: Final = (None, 20.0, 10.0)
"""Speech over noise; ``None`` is without any."""
CLEAN: Final = "none"
NOISES: Final = ("white", "pink", "hum", "babble")

_LEAD_S: Final = 0.3
_TAIL_S: Final = 0.3
_PEAK_DB: Final = -12.0
_TALK: Final = (
    "We had planned to stay for a week, but then the weather changed and we went home.",
    "Two more cups of flour, a little sugar, and then you stir it until it is smooth.",
    "They were standing at the corner and talking about the game of the night before.",
)
"""What others in the room say."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """``text`` as it was said by ``voice``, in ``noise``."""

    text: str
    voice: str
    noise: str
    pcm: Pcm


def spoken_utterances(config: Config, count: int) -> list[Utterance]:
    """``utterances`` by the voice of ``config``, and by espeak-ng where it is installed.

    All are made beforehand, so that nothing else computes while they are recognised. It blocks.
    Raises ``ModelMissing``, ``LoadFailed``, ``EngineError``.
    """
    espeak = EspeakSpeaker() if is_there() else None
    return list(utterances(PiperSpeaker.configured(config, seed=SEED), espeak, count))


def utterances(speaker: Speaker, espeak: Speaker | None, count: int) -> Iterator[Utterance]:
    """The same ones every time, from the same voices.

    ``speaker`` in each of ``MANNERS`` and ``espeak``, where it is given, take turns; so do the
    ``LEVELS_DB``, and with each round of those the ``NOISES``.
    """
    order = np.random.default_rng(SEED).permutation(len(SENTENCES)).tolist()
    voices = [(name, speaker, manner) for name, manner in MANNERS.items()]
    if espeak is not None:
        voices.append((ESPEAK, espeak, Manner()))
    others = zip(_TALK, MANNERS.values(), strict=False)
    talk = [speaker.say(text, manner) for text, manner in others]
    for index in range(count):
        text = SENTENCES[order[index % len(order)]]
        name, by, manner = voices[index % len(voices)]
        sound = by.say(text, manner)
        sound = np.pad(sound, (round(_LEAD_S * RATE_HZ), round(_TAIL_S * RATE_HZ)))
        level_db, noise = LEVELS_DB[index % len(LEVELS_DB)], CLEAN
        if level_db is not None:
            kind = NOISES[index // len(LEVELS_DB) % len(NOISES)]
            noise = f"{kind} {level_db:.0f} dB"
            other = _noise(kind, talk, len(sound), np.random.default_rng((SEED, index)))
            sound = sounds.mixed(sound, other, level_db)
        yield Utterance(text, name, noise, sounds.as_pcm(sounds.at_peak(sound, _PEAK_DB)))


def _noise(kind: str, talk: Sequence[Floats], samples: int, random: np.random.Generator) -> Floats:
    """Of an RMS of 1; babble is ``talk``, all at once."""
    match kind:
        case "babble":
            return sounds.babble(talk, samples, random)
        case "hum":
            return sounds.hum(samples, random)
        case "white":
            return sounds.noise(samples, "white", random)
        case _:
            return sounds.noise(samples, "pink", random)
