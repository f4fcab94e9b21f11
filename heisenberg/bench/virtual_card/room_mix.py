"""What a microphone in a room hears: the loudspeaker's echo, itself, and users."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.echo_path import EchoPath
from heisenberg.bench.virtual_card.air import AirSettings, Utterance

AUDIBLE: Final = 100
"""A loudspeaker's sample of this size is heard: 50 dB below full scale."""

_FULL_SCALE: Final = 32767


@dataclass(frozen=True, slots=True)
class Wish:
    """Something a user wants to say: now, or ``after_reply`` samples after the loudspeaker's next
    audible one, which is waited for at most ``patience`` samples.

    ``granted`` is called once with where it lies, or with ``None`` when patience has ended.
    """

    pcm: Pcm
    granted: Callable[[Utterance | None], None]
    after_reply: int | None = None
    patience: int = 30 * RATE_HZ


class RoomMix:
    """The microphone's sound, block by block; ``echo`` is set when the way is known."""

    def __init__(self, settings: AirSettings) -> None:
        self._random = np.random.default_rng(settings.seed)
        self._noise = 10 ** (settings.noise_db / 20) * _FULL_SCALE
        self._sounding: list[tuple[Utterance, Pcm]] = []
        self._waiting: list[tuple[Wish, int]] = []
        self._position = 0
        self.echo: EchoPath | None = None

    @property
    def position(self) -> int:
        """How many samples have been mixed."""
        return self._position

    def say(self, wish: Wish) -> None:
        self._waiting.append((wish, self._position + wish.patience))

    def mix(self, played: Pcm) -> Pcm:
        """What the microphone hears while the loudspeaker plays ``played``, equally long."""
        heard = self._random.normal(0.0, self._noise, len(played))
        if self.echo is not None:
            heard += self.echo.push(played)
        self._waiting = [entry for entry in self._waiting if not self._grant(*entry, played)]
        for utterance, pcm in self._sounding:
            begin = max(0, utterance.begin - self._position)
            part = pcm[max(0, self._position - utterance.begin) :][: max(0, len(played) - begin)]
            heard[begin : begin + len(part)] += part
        self._position += len(played)
        self._sounding = [entry for entry in self._sounding if entry[0].end > self._position]
        return np.clip(np.rint(heard), -_FULL_SCALE, _FULL_SCALE).astype(np.int16)

    def _grant(self, wish: Wish, give_up: int, played: Pcm) -> bool:
        """Whether ``wish`` has been answered, one way or the other."""
        begin, reply = self._position, None
        if wish.after_reply is not None:
            audible = np.flatnonzero(np.abs(played.astype(np.int32)) > AUDIBLE)
            if not len(audible):
                if self._position >= give_up:
                    wish.granted(None)
                return self._position >= give_up
            reply = self._position + int(audible[0])
            begin = reply + wish.after_reply
        utterance = Utterance(begin, begin + len(wish.pcm), reply)
        self._sounding.append((utterance, wish.pcm))
        wish.granted(utterance)
        return True
