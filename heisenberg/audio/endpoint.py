"""Where an utterance begins and ends.

All times are seconds of sound, counted in samples: nothing here looks at a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import structlog

from heisenberg.audio.base import RATE_HZ, Pcm, TurnDetector
from heisenberg.audio.completeness import pause_for, together
from heisenberg.audio.utterance import (
    Answer,
    Decision,
    EndReason,
    HeardFrame,
    NothingHeard,
    Paused,
    Speaking,
    SpeechStarted,
    Utterance,
    WentOn,
)
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.errors import EngineError

_log = structlog.get_logger(__name__)

_ONSET_S: Final = 0.16
"""So much voice in a row is speech, not a click."""
_RELEASE_RATIO: Final = 0.7
"""Voice ends at this part of the probability at which it began, so that it doesn't flutter."""
_LEAD_S: Final = 0.3
"""Kept before the first voice: soft beginnings are below the detector."""
_NEAR_S: Final = 0.2
"""The words end at most so long before the detector says."""
_STEP_SAMPLES: Final = RATE_HZ // 200
_FLOOR_SAMPLES: Final = RATE_HZ // 20
_INAUDIBLE_RMS: Final = 40.0
_TAIL_S: Final = 0.2
"""Kept after the last voice."""
_BREATH_S: Final = 0.5
"""Voice before so long a silence was not the beginning of what follows it."""
_WENT_ON_S: Final = 0.06
"""A click in a pause does not mean that the user goes on."""
_JUDGED_S: Final = 0.06
"""How a turn sounded is judged as soon as it falls silent: with more silence, an unfinished
sentence sounds more like a finished one."""


class Endpointer:
    """Frames one utterance: feed it frames until it returns an ``Utterance`` or ``NothingHeard``.

    ``pre_roll`` are frames that came before; voice in them is kept, because the first words may
    have been spoken in one breath with the wake word, but a turn is only over when there was
    speech after ``listen_from_s``. While ``held`` (a key is down) silence ends nothing, but after
    ``wait_for_speech_s`` the key is taken to be stuck. ``begun``: the user is already speaking in
    ``pre_roll``. A turn that is complete is over once its ``answer`` is ready: until then there is
    nothing to be gained by ending it, and the user may still go on. ``likely_pause_s`` is the
    user's own, in place of the configured one.
    """

    def __init__(
        self,
        config: TurnConfig,
        detector: TurnDetector,
        *,
        pre_roll: Iterable[HeardFrame] = (),
        listen_from_s: float,
        wait_for_speech_s: float,
        held: bool = False,
        begun: bool = False,
        answer: Callable[[], Answer] = Answer,
        likely_pause_s: float | None = None,
    ) -> None:
        self._config = config
        self._detector = detector
        self._listen_from_s = listen_from_s
        self._give_up_s = listen_from_s + wait_for_speech_s
        self._held = held
        self._frames: deque[HeardFrame] = deque()
        self._voiced = False
        self._voiced_run_s = 0.0
        self._voiced_start_s: float | None = None
        self._voiced_end_s = 0.0
        self._started = False
        self._answer = answer
        self._likely_pause_s = likely_pause_s or config.likely_pause_s
        self._paused = False
        self._pause_s = 0.0
        self._looked_s = listen_from_s
        self._sounds_complete: float | None = None
        if begun:
            self._begin_with(list(pre_roll))
            return
        for frame in _last_breath(pre_roll, config):
            self._note(frame)

    @property
    def held(self) -> bool:
        """Whether a key is down, and ends it."""
        return self._held

    @property
    def frames(self) -> tuple[HeardFrame, ...]:
        """What was heard of the utterance, and just before it."""
        return tuple(self._frames)

    @property
    def started(self) -> bool:
        """Whether the user has begun to speak."""
        return self._started

    async def push(self, frame: HeardFrame) -> Decision:
        """Take the next frame and say what it decides."""
        self._note(frame)
        if self._held and frame.end_s >= self._give_up_s:
            return self.release(EndReason.LIMIT)
        if self._voiced_start_s is None or not self._started:
            return self._not_started(frame)
        if frame.end_s - self._voiced_start_s >= self._config.max_utterance_s:
            return self._utterance(EndReason.LIMIT)
        if self._paused and self._voiced_run_s >= _WENT_ON_S:
            self._paused = False
            return WentOn(self._pause_s)
        if self._look_is_due(frame.end_s):
            self._looked_s = frame.end_s
            return Speaking(self._utterance(EndReason.COMPLETE))
        silence_s = round(frame.end_s - self._voiced_end_s, 6)
        await self._listen_how_it_sounded(silence_s)
        if self._config.draft and not self._paused and silence_s >= self._config.draft_pause_s:
            self._paused = True
            return Paused(self._utterance(EndReason.COMPLETE))
        return None if self._held else self._judge(silence_s)

    def _look_is_due(self, now_s: float) -> bool:
        every_s = self._config.look_s
        speaks = self._voiced and not self._paused
        return speaks and every_s > 0 and now_s >= self._looked_s + every_s

    def judge_again(self) -> Utterance | None:
        """The answer is further than at the last frame: is the turn over with it?"""
        if self._held or not self._started or self._voiced:
            return None
        return self._judge(round(self._frames[-1].end_s - self._voiced_end_s, 6))

    def _judge(self, silence_s: float) -> Utterance | None:
        """Is the turn over after so much silence?"""
        if silence_s >= self._config.max_pause_s:
            return self._utterance(EndReason.PAUSE)
        return self._utterance(EndReason.COMPLETE) if self._is_complete(silence_s) else None

    def _is_complete(self, silence_s: float) -> bool:
        """Whether nothing more is to be expected, and the answer is there."""
        if silence_s < self._config.pause_s or self._sounds_complete is None:
            return False
        answer = self._answer()
        if not answer.ready:
            return False
        complete = together(self._sounds_complete, answer.asked_all)
        return silence_s >= pause_for(complete, self._config, self._likely_pause_s)

    async def _listen_how_it_sounded(self, silence_s: float) -> None:
        if self._held or self._sounds_complete is not None or silence_s < _JUDGED_S:
            return
        said = self._utterance(EndReason.COMPLETE)
        try:
            self._sounds_complete = await self._detector.probability(said.pcm)
        except EngineError as exc:  # the long pause will end the turn
            _log.warning("the turn detector failed", error=str(exc))
            self._sounds_complete = 0.0

    def release(self, reason: EndReason = EndReason.RELEASED) -> Utterance | NothingHeard:
        """The key was let go: what was said until now."""
        if self._voiced_start_s is None:
            return NothingHeard()
        return self._utterance(reason)

    def _begin_with(self, frames: Sequence[HeardFrame]) -> None:
        """The user has begun: it needs no longer run of voice to believe that."""
        voiced = [f.t_s for f in frames if f.speech >= self._config.speech_probability]
        self._started = True
        self._voiced_start_s = voiced[0] if voiced else frames[0].t_s
        self._voiced_end_s = self._voiced_start_s
        for frame in frames:
            self._note(frame)

    def _note(self, frame: HeardFrame) -> None:
        threshold = self._config.speech_probability
        self._voiced = frame.speech >= threshold * (_RELEASE_RATIO if self._voiced else 1.0)
        self._frames.append(frame)
        if self._voiced:
            if not self._voiced_run_s:
                self._pause_s = frame.t_s - self._voiced_end_s
            self._voiced_run_s += frame.end_s - frame.t_s
            self._voiced_end_s = frame.end_s
            self._sounds_complete = None
            if self._voiced_start_s is None and self._voiced_run_s >= _ONSET_S:
                self._voiced_start_s = frame.end_s - self._voiced_run_s
        else:
            self._voiced_run_s = 0.0
            if not self._started:
                self._forget(frame.t_s)

    def _forget(self, now_s: float) -> None:
        """Before the user begins, keep only what may belong to the first words."""
        if self._voiced_start_s is not None and now_s - self._voiced_end_s > _BREATH_S:
            self._voiced_start_s = None
        if self._voiced_start_s is None:
            while self._frames and self._frames[0].t_s < now_s - 2 * _LEAD_S:
                self._frames.popleft()

    def _not_started(self, frame: HeardFrame) -> SpeechStarted | NothingHeard | None:
        spoken_s = min(self._voiced_run_s, frame.end_s - self._listen_from_s)
        if self._voiced_start_s is not None and spoken_s >= _ONSET_S:
            self._started = True
            return SpeechStarted(self._voiced_start_s)
        if frame.end_s >= self._give_up_s and not self._voiced and not self._held:
            return NothingHeard()
        return None

    def _utterance(self, reason: EndReason) -> Utterance:
        start_s = self._voiced_start_s if self._voiced_start_s is not None else 0.0
        kept = [
            frame.pcm
            for frame in self._frames
            if frame.end_s > start_s - _LEAD_S and frame.t_s < self._voiced_end_s + _TAIL_S
        ]
        return Utterance(np.concatenate(kept), start_s, self._audible_end_s(), reason)

    def _audible_end_s(self) -> float:
        """When the last sound of the words ended, which the detector places a little off.

        It holds on after a vowel and lets go before a final "s"; loudness decides, against what
        was heard last. Where that is not silence, the detector's word counts.
        """
        recent = [f for f in self._frames if f.t_s >= self._voiced_end_s - _NEAR_S]
        sound = np.concatenate([frame.pcm for frame in recent])
        threshold = 2 * _rms(sound[-_FLOOR_SAMPLES:]) + _INAUDIBLE_RMS
        for end in range(len(sound) - _FLOOR_SAMPLES, 0, -_STEP_SAMPLES):
            if _rms(sound[max(0, end - _STEP_SAMPLES) : end]) > threshold:
                return recent[0].t_s + end / RATE_HZ
        return self._voiced_end_s


def _last_breath(frames: Iterable[HeardFrame], config: TurnConfig) -> list[HeardFrame]:
    """The frames from the last longer silence on: what was spoken in one breath to the end."""
    breath: list[HeardFrame] = []
    silent_s = 0.0
    for frame in reversed(list(frames)):
        silent_s = 0.0 if frame.speech >= config.speech_probability else silent_s + _frame_s(frame)
        if silent_s > _BREATH_S:
            break
        breath.append(frame)
    return breath[::-1]


def _frame_s(frame: HeardFrame) -> float:
    return frame.end_s - frame.t_s


def _rms(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64))))
