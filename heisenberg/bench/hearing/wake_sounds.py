"""Calls of the wake word in many conditions, and hours of sound without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.hearing import sounds
from heisenberg.bench.hearing.voices import Floats, Manner, Speaker
from heisenberg.bench.hearing.wake_texts import NEAR_MISSES, REQUESTS, Talk

BLOCK_S: Final = 300.0
"""How long a block of negatives is."""
BLOCKS: Final = (
    *("speech", "near misses", "speech", "music", "speech", "talk over talk"),
    *("speech", "near misses", "speech", "noise", "speech", "speech"),
)
"""The kinds of blocks: an hour, again and again."""

_PEAK_DB: Final = (-30.0, -6.0)
_QUIET_SNR_DB: Final = 40.0
_OTHERS: Final = (
    "The weather was fine, and we walked along the river until the evening.",
    "Please remember to buy some bread, milk and butter on your way home.",
    "Could somebody tell me where the nearest station is?",
    "I have never seen so many stars as on that night in the mountains.",
    "Two of them went by train, and all the rest came later in a small boat.",
    "He wanted to know what it costs, but nobody had an answer for him.",
)
_TAKES: Final = 4
"""How often what was said once is heard, each time as another person in another room."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What sounds besides the speaker, and how far below; ``quiet`` is an ordinary quiet room."""

    other: str
    snr_db: float

    @property
    def name(self) -> str:
        return self.other if self.other == "quiet" else f"{self.other} {self.snr_db:.0f} dB"


NOISES: Final = ("white", "pink", "hum", "babble")
QUIET: Final = (Condition("quiet", _QUIET_SNR_DB),)
CONDITIONS: Final = (
    *QUIET,
    *(Condition(other, snr_db) for snr_db in (20.0, 15.0, 10.0) for other in NOISES),
)
LOUD: Final = tuple(Condition(other, 5.0) for other in NOISES)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some sound and what it is."""

    name: str
    pcm: Pcm


class WakeSounds:
    """Makes them; the same ``seed`` gives the same texts, noises and rooms."""

    def __init__(self, voice: Speaker, words: Sequence[str], *, seed: int) -> None:
        self._voice = voice
        self._words = words
        self._seed = seed
        self._others: list[Floats] = []

    def call(
        self, words: str, condition: Condition, name: str, by: Speaker | None = None
    ) -> Iterator[Piece]:
        """``words`` said by somebody in a room, alone or with a request in the same breath.

        Each ``name`` is another call. ``by`` speaks instead of the voice.
        """
        random = np.random.default_rng((self._seed, *name.encode()))
        request = REQUESTS[random.integers(len(REQUESTS))]
        text = f"{words}, {request}" if request else f"{words}."
        spoken = (by or self._voice).say(text, Manner.any(random))
        placed = self._placed(spoken, random, lead_s=1.0, tail_s=0.8)
        placed = sounds.at_peak(placed, random.uniform(*_PEAK_DB))
        other = self._other(condition.other, len(placed), random)
        yield Piece(text, sounds.as_pcm(sounds.mixed(placed, other, condition.snr_db)))

    def block(self, index: int) -> Iterator[Piece]:
        """The pieces of the ``index``-th block of negatives, of the kind that is its turn."""
        random = np.random.default_rng((self._seed, index))
        makers: dict[str, Callable[[np.random.Generator], Iterator[Piece]]] = {
            "speech": self._speech,
            "near misses": self._near_misses,
            "talk over talk": self._talk_over_talk,
            "noise": self._noise,
            "music": self._music,
        }
        made_s = 0.0
        for piece in makers[BLOCKS[index % len(BLOCKS)]](random):
            yield piece
            made_s += len(piece.pcm) / RATE_HZ
            if made_s >= BLOCK_S:
                return

    def _speech(self, random: np.random.Generator) -> Iterator[Piece]:
        talk = Talk(self._words, random)
        while True:
            text = talk.sentence()
            yield from self._takes(text, random)

    def _near_misses(self, random: np.random.Generator) -> Iterator[Piece]:
        talk = Talk(self._words, random)
        while True:
            for near in random.permutation(NEAR_MISSES):
                yield next(self._takes(talk.near_miss(str(near)), random))

    def _talk_over_talk(self, random: np.random.Generator) -> Iterator[Piece]:
        """Two or three at once, or somebody over music: a television."""
        talk = Talk(self._words, random)
        while True:
            text = " ".join(talk.sentence() for _ in range(3))
            sound = self._voice.say(text, Manner.any(random))
            other: Floats = sounds.babble(
                [self._voice.say(talk.sentence(), Manner.any(random)) for _ in range(2)],
                len(sound),
                random,
            )
            if random.uniform() < 0.5:
                other = sounds.music(len(sound), random)
            for _ in range(_TAKES):
                heard = sounds.mixed(sound, other, random.uniform(0.0, 12.0))
                yield self._take(
                    text, sounds.played_faster(heard, random.uniform(0.9, 1.15)), random
                )

    def _noise(self, random: np.random.Generator) -> Iterator[Piece]:
        while True:
            samples = round(random.uniform(5.0, 20.0) * RATE_HZ)
            kind = str(random.choice(("white", "pink", "brown", "hum", "knocks")))
            swell = 1.0 + random.uniform(0, 0.9) * np.sin(
                np.arange(samples) / RATE_HZ * random.uniform(0.5, 20.0)
            )
            yield self._finished(kind, self._other(kind, samples, random) * swell, random)

    def _music(self, random: np.random.Generator) -> Iterator[Piece]:
        while True:
            samples = round(random.uniform(15.0, 40.0) * RATE_HZ)
            yield self._finished("music", sounds.music(samples, random), random)

    def _takes(self, text: str, random: np.random.Generator) -> Iterator[Piece]:
        sound = self._voice.say(text, Manner.any(random))
        for _ in range(_TAKES):
            yield self._take(text, sounds.played_faster(sound, random.uniform(0.85, 1.2)), random)

    def _take(self, text: str, sound: Floats, random: np.random.Generator) -> Piece:
        placed = self._placed(sound, random, lead_s=0.1, tail_s=random.uniform(0.1, 0.8))
        other = self._other(
            str(random.choice(("white", "pink", "brown", "hum"))), len(placed), random
        )
        return self._finished(text, sounds.mixed(placed, other, random.uniform(5.0, 45.0)), random)

    def _placed(
        self, sound: Floats, random: np.random.Generator, *, lead_s: float, tail_s: float
    ) -> Floats:
        """In a room, after a silence that puts it anywhere in the detector's frames."""
        lead = round((lead_s + random.uniform(0.0, 0.08)) * RATE_HZ)
        return sounds.in_room(np.pad(sound, (lead, round(tail_s * RATE_HZ))), random)

    def _finished(self, name: str, sound: Floats, random: np.random.Generator) -> Piece:
        return Piece(name, sounds.as_pcm(sounds.at_peak(sound, random.uniform(*_PEAK_DB))))

    def _other(self, kind: str, samples: int, random: np.random.Generator) -> Floats:
        match kind:
            case "babble":
                if not self._others:
                    self._others = [self._voice.say(text, Manner.any(random)) for text in _OTHERS]
                voices = [self._others[at] for at in random.permutation(len(self._others))[:4]]
                varied = [sounds.played_faster(one, random.uniform(0.85, 1.2)) for one in voices]
                return sounds.babble(varied, samples, random)
            case "hum":
                return sounds.hum(samples, random)
            case "knocks":
                return sounds.knocks(samples, random)
            case "white" | "brown":
                return sounds.noise(samples, kind, random)
            case _:
                return sounds.noise(samples, "pink", random)
