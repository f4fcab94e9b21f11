"""What starts a turn: the wake word, or a key."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from heisenberg.audio.base import Pcm


@dataclass(frozen=True, slots=True)
class WakeWord:
    """The wake word was heard: which model, how sure (0 to 1), and the words it listens for."""

    model: str
    score: float
    phrase: str


class WakeDetector(Protocol):
    """Listens for one or more wake words in consecutive frames."""

    @property
    def frame_samples(self) -> int:
        """How many 16 kHz samples a frame has."""
        ...

    @property
    def phrase(self) -> str:
        """The first of ``phrases``: what to tell somebody to say."""
        ...

    @property
    def phrases(self) -> tuple[str, ...]:
        """What wakes it, as words: ``Hey Jarvis``."""
        ...

    async def process(self, frame: Pcm, *, at_least: float = 0.0) -> WakeWord | None:
        """The wake word, if it ended in or just before ``frame``; reported once an utterance.

        ``at_least`` is a score that it needs now, where that is more than the detector asks for.
        """
        ...

    async def reset(self) -> None:
        """Forget what was heard."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class SharedWake(Protocol):
    """A detector whose networks can listen to other sound as well."""

    async def another(self) -> WakeDetector:
        """One that has heard nothing yet; it outlives this one."""
        ...


@runtime_checkable
class PhraseListener(Protocol):
    """A recogniser that can be asked about given words."""

    async def fit(self, sound: Pcm, phrase: str) -> float:
        """How well the end of ``phrase`` fits ``sound``, against whatever fits best.

        A logarithm: near 0 where nothing fits better, -5 and less where another word does.
        Raises ``EngineError``.
        """
        ...


class KeyEvent(StrEnum):
    """What a push-to-talk key did; the two alternate, and ``DOWN`` is the first."""

    DOWN = "down"
    UP = "up"


class Trigger(Protocol):
    """A push-to-talk key: an async iterator of what it does, until it is closed."""

    def __aiter__(self) -> AsyncGenerator[KeyEvent, None]:
        """Events in order, for one reader; a key that repeats itself while down is down once.

        The iteration ends with the trigger, and a key that is down then goes up before.
        """
        ...

    async def aclose(self) -> None:
        """Watch the key no more; a running iteration ends. Again does nothing."""
        ...


class TalkButton(Protocol):
    """What a push-to-talk key acts on: a room."""

    async def press(self) -> None:
        """Listen from now until ``release``; again while it is pressed does nothing.

        A button that is pressed for too long is stuck, and taken as released.
        """
        ...

    async def release(self) -> None:
        """Answer what was said since ``press``; does nothing when that is over already."""
        ...

    async def tap(self) -> None:
        """Listen; or, while listening, answer what was said."""
        ...

    async def cancel(self) -> None:
        """Stop whatever is going on, and be silent."""
        ...
