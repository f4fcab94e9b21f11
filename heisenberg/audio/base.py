"""What sound is, inside Heisenberg, and what hears, plays and judges it.

Inside, sound is mono int16 at 16 kHz. Times are seconds since the start of the input.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Pcm: TypeAlias = npt.NDArray[np.int16]
"""Mono samples, shape ``(n,)``."""

RATE_HZ: Final = 16_000
"""The rate of everything heard."""

CHUNK_SAMPLES: Final = 160
"""10 ms at 16 kHz; sources deliver multiples of it."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Some consecutive samples; ``t_s`` is the time of the first one."""

    pcm: Pcm
    rate_hz: int = RATE_HZ
    t_s: float = 0.0

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Playback:
    """How a reply ended at the speaker: seconds that sounded, and whether it was cut off."""

    played_s: float
    interrupted: bool


class AudioSource(Protocol):
    """A microphone: an async iterator of 16 kHz chunks that ends when the source is closed."""

    def __aiter__(self) -> AsyncGenerator[AudioChunk, None]:
        """Chunks in order, without gaps; raises ``DeviceLost`` when the device goes away."""
        ...

    async def aclose(self) -> None:
        """Stop capturing; a running iteration ends."""
        ...


class AudioSink(Protocol):
    """A speaker."""

    async def write(self, chunk: AudioChunk) -> float:
        """Queue sound of any rate; wait while the queue is full.

        Returns the time at which the first sample of ``chunk`` sounds, in seconds since the
        start of the input; it may lie a little in the future.
        """
        ...

    def clear(self) -> Playback:
        """Silence now: drop what is queued and tell how much had sounded since the last end."""
        ...

    async def drain(self) -> Playback:
        """Wait until everything queued has sounded."""
        ...

    def duck(self, gain: float) -> None:
        """Scale what sounds from now on by ``gain`` (1.0 is full volume)."""
        ...

    async def aclose(self) -> None:
        """Give the device back."""
        ...


class EchoReference(Protocol):
    """What the speaker really plays, as a stream that advances with the microphone's."""

    def read(self, samples: int) -> Pcm:
        """The next ``samples`` at 16 kHz; zeros where the speaker was silent.

        Reading as many samples as the microphone delivered keeps both streams level: a sample
        read here is heard by the microphone some (nearly constant) delay later.
        """
        ...

    @property
    def is_silent(self) -> bool:
        """Nothing but silence was read or is waiting to be read."""
        ...

    @property
    def paths(self) -> int:
        """How often the echo's path has begun anew: with every device that was opened, and where
        sound was lost."""
        ...


class EchoCanceller(Protocol):
    """Takes out of the microphone's sound what the speaker has put into the room."""

    def process(self, near: Pcm, far: Pcm) -> Pcm:
        """``near`` without the echo of ``far``; both are equally long, multiples of 10 ms."""
        ...

    def reset(self) -> None:
        """Forget the room: the devices have changed."""
        ...

    async def aclose(self) -> None: ...


class VoiceActivityDetector(Protocol):
    """Is somebody speaking in this frame?"""

    @property
    def frame_samples(self) -> int:
        """How many 16 kHz samples a frame has."""
        ...

    async def probability(self, frame: Pcm) -> float:
        """Probability of speech in ``frame``, from 0 to 1; frames must be consecutive."""
        ...

    async def reset(self) -> None:
        """Forget what was heard: the next frame does not follow the last one."""
        ...

    async def aclose(self) -> None: ...


class TurnDetector(Protocol):
    """Has the speaker finished, going by how it sounded?"""

    async def probability(self, utterance: Pcm) -> float:
        """Probability from 0 to 1 that ``utterance``, the whole turn so far, is complete."""
        ...

    async def aclose(self) -> None: ...
