"""What a room listens for at the moment: why it listens, since when, and until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from heisenberg.audio.base import TurnDetector
from heisenberg.audio.endpoint import (
    Decision,
    Endpointer,
    HeardFrame,
    NothingHeard,
    Utterance,
)
from heisenberg.core.config import TurnConfig

_WAKE_TAIL_S: Final = 0.15
"""The wake word may still be sounding when it is recognised."""
_BEFORE_KEY_S: Final = 0.4
_REPLY_TAIL_S: Final = 0.3
"""The end of our own reply reaches the microphone so much later than the speaker."""
_AFTER_INTERRUPTION_PAUSE_S: Final = 0.6
"""Who interrupts says "No, wait," first; the reply is silent already, so there is time."""


class Listening:
    """Frames the utterance a room waits for; one at a time, a new beginning replaces the last.

    ``was_called``: the user has asked to be listened to, by wake word or key. ``said`` are the
    words of the reply into which the user began to speak; ``None`` where it was not so.
    """

    def __init__(
        self, config: TurnConfig, detector: TurnDetector, answer_ready: Callable[[], bool]
    ) -> None:
        """``answer_ready``: whether the end of a turn would be followed by its answer at once."""
        self._config = config
        self._detector = detector
        self._answer_ready = answer_ready
        self._patient = config.model_copy(
            update={"pause_s": max(config.pause_s, _AFTER_INTERRUPTION_PAUSE_S)}
        )
        self._endpointer: Endpointer | None = None
        self.was_called = False
        self.said: str | None = None

    @property
    def is_on(self) -> bool:
        return self._endpointer is not None

    @property
    def is_held(self) -> bool:
        """A key is down."""
        return self._endpointer is not None and self._endpointer.held

    @property
    def heard_anything(self) -> bool:
        """The user has begun to speak."""
        return self._endpointer is not None and self._endpointer.started

    def woken(self, now_s: float, recent: Sequence[HeardFrame]) -> None:
        """The wake word was heard just now; ``recent`` holds what was said with it."""
        self._begin(called=True)
        self._endpointer = Endpointer(
            self._config,
            self._detector,
            pre_roll=recent,
            listen_from_s=now_s + _WAKE_TAIL_S,
            wait_for_speech_s=self._config.wait_for_speech_s,
            answer_ready=self._answer_ready,
        )

    def by_key(self, now_s: float, recent: Sequence[HeardFrame], *, held: bool) -> None:
        """A key was pressed; while ``held``, only it ends the utterance.

        ``recent`` is what was heard before: people speak as they press.
        """
        self._begin(called=True)
        self._endpointer = Endpointer(
            self._config,
            self._detector,
            pre_roll=[frame for frame in recent if frame.end_s > now_s - _BEFORE_KEY_S],
            listen_from_s=now_s,
            wait_for_speech_s=self._config.max_hold_s if held else self._config.wait_for_speech_s,
            held=held,
            answer_ready=self._answer_ready,
        )

    def follow_up(self, now_s: float, wait_s: float) -> None:
        """A reply has ended, and the user may go on."""
        self._begin(called=False)
        self._endpointer = Endpointer(
            self._config,
            self._detector,
            listen_from_s=now_s + _REPLY_TAIL_S,
            wait_for_speech_s=wait_s,
            answer_ready=self._answer_ready,
        )

    def interrupted(self, frames: Sequence[HeardFrame], said: str) -> float:
        """The user is in the middle of an utterance that began with ``frames``, over a reply that
        said ``said``. Returns the time of the beginning."""
        self._begin(called=False)
        self.said = said
        self._endpointer = Endpointer(
            self._patient,
            self._detector,
            pre_roll=frames,
            listen_from_s=frames[0].t_s,
            wait_for_speech_s=self._config.follow_up_s,
            begun=True,
            answer_ready=self._answer_ready,
        )
        return frames[0].t_s

    def end(self) -> None:
        self._endpointer = None

    async def push(self, frame: HeardFrame) -> Decision:
        """What ``frame`` decides; nothing where a new beginning came while it was looked at."""
        endpointer = self._endpointer
        if endpointer is None:
            return None
        decision = await endpointer.push(frame)
        return decision if endpointer is self._endpointer else None

    def release(self) -> Utterance | NothingHeard | None:
        """The key was let go: what was said until now."""
        return self._endpointer.release() if self._endpointer is not None else None

    def _begin(self, *, called: bool) -> None:
        self.was_called = called
        self.said = None
