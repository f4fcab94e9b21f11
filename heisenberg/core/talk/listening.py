"""What a room listens for at the moment: why it listens, since when, and until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from heisenberg.audio.base import TurnDetector
from heisenberg.audio.endpoint import Endpointer
from heisenberg.audio.utterance import (
    Answer,
    Decision,
    EndReason,
    HeardFrame,
    NothingHeard,
    Utterance,
    WentOn,
)
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.talk.patience import Patience

_WAKE_TAIL_S: Final = 0.15
"""The wake word may still be sounding when it is recognised."""
_BEFORE_KEY_S: Final = 0.4
_REPLY_TAIL_S: Final = 0.3
"""The end of our own reply reaches the microphone so much later than the speaker."""
_GOES_ON_S: Final = 1.5
"""Who speaks again so soon after a turn was taken to be over had not finished it, if there was no
reply yet."""
_UNAWARE_S: Final = 0.4
"""Within this nobody can have understood the reply and want something else."""
_GOES_ON_VOICE_S: Final = 0.16
_AFTER_INTERRUPTION_PAUSE_S: Final = 0.6
"""Who interrupts says "No, wait," first; the reply is silent already, so there is time."""


class Listening:
    """Frames the utterance a room waits for; one at a time, a new beginning replaces the last.

    ``was_called``: the user has asked to be listened to, by wake word or key. ``said`` are the
    words of the reply into which the user began to speak; ``None`` where it was not so.
    """

    def __init__(
        self, config: TurnConfig, detector: TurnDetector, answer: Callable[[], Answer]
    ) -> None:
        """``answer`` tells how far the answer to what was said until now is prepared."""
        self._config = config
        self._detector = detector
        self._answer = answer
        self._patience = Patience(
            config.likely_pause_s, at_least_s=config.pause_s, at_most_s=config.max_pause_s
        )
        self._patient = config.model_copy(
            update={"pause_s": max(config.pause_s, _AFTER_INTERRUPTION_PAUSE_S)}
        )
        self._endpointer: Endpointer | None = None
        self._last: list[HeardFrame] = []
        self._over_s = 0.0
        self._silent_from_s = 0.0
        self._voiced_since_s = 0.0
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
            answer=self._answer,
            likely_pause_s=self._patience.pause_s,
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
            answer=self._answer,
            likely_pause_s=self._patience.pause_s,
        )

    def follow_up(self, now_s: float, wait_s: float) -> None:
        """A reply has ended, and the user may go on."""
        self._begin(called=False)
        self._endpointer = Endpointer(
            self._config,
            self._detector,
            listen_from_s=now_s + _REPLY_TAIL_S,
            wait_for_speech_s=wait_s,
            answer=self._answer,
            likely_pause_s=self._patience.pause_s,
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
            answer=self._answer,
            likely_pause_s=self._patience.pause_s,
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
        if endpointer is not self._endpointer:
            return None
        if isinstance(decision, Utterance):
            self._note_over(endpointer, decision, frame.end_s)
        elif isinstance(decision, WentOn):
            self._patience.note(decision.pause_s)
        return decision

    def look_again(self) -> Utterance | None:
        """The answer is further than at the last frame: is the turn over with it?"""
        if self._endpointer is None:
            return None
        utterance = self._endpointer.judge_again()
        if utterance is not None:
            self._note_over(self._endpointer, utterance, self._endpointer.frames[-1].end_s)
        return utterance

    def goes_on(self, frame: HeardFrame) -> bool:
        """Whether ``frame``, heard after the turn was taken to be over, shows that it was not."""
        if not self._last or frame.end_s > self._over_s + _GOES_ON_S:
            return False
        self._last.append(frame)
        voiced = frame.speech >= self._config.speech_probability
        self._voiced_since_s = self._voiced_since_s + frame.end_s - frame.t_s if voiced else 0.0
        return self._voiced_since_s >= _GOES_ON_VOICE_S

    def is_continued(self, frames: Sequence[HeardFrame]) -> bool:
        """Whether the voice in ``frames``, over a reply, began too soon to be about that reply."""
        threshold = self._config.speech_probability
        voiced = (frame.t_s for frame in frames if frame.speech >= threshold)
        return bool(self._last) and next(voiced, float("inf")) <= self._over_s + _UNAWARE_S

    def resume(self, frames: Sequence[HeardFrame] = (), said: str | None = None) -> float:
        """The last utterance goes on, with ``frames`` over a reply that said ``said``: both are
        one. Returns the time at which it went on."""
        before = self._last
        went_on_s = frames[0].t_s if frames else before[-1].end_s - _GOES_ON_VOICE_S
        self._patience.note(went_on_s - self._silent_from_s)
        if frames:
            before = [frame for frame in before if frame.end_s <= frames[0].t_s]
            self.said = said
        self._last = []
        self._endpointer = Endpointer(
            self._patient,
            self._detector,
            pre_roll=[*before, *frames],
            listen_from_s=before[0].t_s,
            wait_for_speech_s=self._config.follow_up_s,
            begun=True,
            answer=self._answer,
            likely_pause_s=self._patience.pause_s,
        )
        return went_on_s

    def release(self) -> Utterance | NothingHeard | None:
        """The key was let go: what was said until now."""
        return self._endpointer.release() if self._endpointer is not None else None

    def _note_over(self, endpointer: Endpointer, utterance: Utterance, now_s: float) -> None:
        """Keep what was heard: the user may go on. Who was cut off at the limit has had enough."""
        cut_off = utterance.reason is EndReason.LIMIT
        self._last = [] if cut_off else list(endpointer.frames)
        self._over_s = now_s
        self._silent_from_s = utterance.voiced_end_s
        self._voiced_since_s = 0.0

    def _begin(self, *, called: bool) -> None:
        self._last = []
        self.was_called = called
        self.said = None
