"""What is heard of one utterance, from its first voice to its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from heisenberg.audio.base import RATE_HZ, Pcm


class EndReason(StrEnum):
    """Why an utterance ended."""

    COMPLETE = "complete"
    """Silence, and it sounded complete."""
    PAUSE = "pause"
    """Silence for longer than anybody pauses."""
    LIMIT = "limit"
    """It grew too long, or the key was held for too long."""
    RELEASED = "released"
    """The key was let go."""


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """A frame with the time of its first sample and the probability that it is speech."""

    pcm: Pcm
    t_s: float
    speech: float

    @property
    def end_s(self) -> float:
        return self.t_s + len(self.pcm) / RATE_HZ


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user speaks; the first voice was at ``voiced_start_s``."""

    voiced_start_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the user said, trimmed to its voice with a little margin."""

    pcm: Pcm
    voiced_start_s: float
    voiced_end_s: float
    reason: EndReason


@dataclass(frozen=True, slots=True)
class Speaking:
    """The user speaks on; ``utterance`` is what they said until now."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Paused:
    """The user may have finished; until then ``utterance`` is what they said."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class WentOn:
    """After ``Paused``, ``pause_s`` of it, the user goes on speaking."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """Nobody spoke within the bound."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How far the answer to what was said until ``Paused`` is prepared.

    ``ready``: the end of the turn would be followed by it at once. ``asked_all`` is how probable it
    is, going by the words, that the user has said all; ``None`` where that can't be told.
    """

    ready: bool = True
    asked_all: float | None = None


Decision: TypeAlias = SpeechStarted | Speaking | Paused | WentOn | Utterance | NothingHeard | None
