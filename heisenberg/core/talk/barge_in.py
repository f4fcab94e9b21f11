"""Somebody speaks while a reply sounds: an interruption, or not?

In two steps. Voice makes the reply quieter at once. Then what is said is recognised, again and
again while it goes on: words that want something are an interruption; a cough, "mhm", the
television and the reply's own echo are not, and the reply comes back up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final, Literal

import numpy as np
import structlog

from heisenberg.audio.base import Pcm
from heisenberg.audio.utterance import HeardFrame
from heisenberg.core.errors import EngineError
from heisenberg.core.phrases import Phrases
from heisenberg.core.talk.echo_words import without_echo
from heisenberg.core.talk.hearing import sound
from heisenberg.stt.base import SpeechToText

DUCKED_GAIN: Final = 0.16
"""-16 dB: clearly out of the way, and still there if it was nothing."""

_ONSET_FRAMES: Final = 2
_LEAD_S: Final = 0.35
"""Kept from before the first voice: soft beginnings are below the detector."""
_LOOKS_S: Final = (0.22, 0.32, 0.44, 0.6, 0.85, 1.15, 1.6, 2.2, 3.0)
"""After so much voice it is looked at what was said. The first words are short. Once they ask for
something it only remains to be seen that they go on: another look would hold that up."""
_REQUEST_S: Final = 0.35
"""No request takes less voice, but for the words that are urgent: recognisers write "I have" for
"uh huh"."""
_SILENCE_S: Final = 0.35
"""After so much silence it is over, and looked at for the last time."""
_GIVES_UP_S: Final = 3.5
"""What has brought no words for so long is no one who speaks to us."""
_SAID_BEFORE_S: Final = 4.0
_SAID_AFTER_S: Final = 0.5
"""An echo comes late, and a speaker that waited for sound is behind."""
_FAR_DB: Final = 14.0
"""A voice so much quieter than the one that asked is not in front of the microphone."""
_REMEMBERED: Final = 0.7
_BLOCK: Final = 512
_SPOKEN: Final = 0.2
"""What is softer than this part of the loudest block is a pause."""

_log = structlog.get_logger(__name__)


class Step(Enum):
    """What a frame has brought."""

    DUCK = auto()
    """Somebody speaks."""
    RESUME = auto()
    """It was nothing."""
    CONFIRMED = auto()
    """It is an interruption."""


class BargeIn:
    """Feed it every frame that is heard while a reply sounds."""

    def __init__(
        self,
        mode: Literal["off", "stop_word", "wake_word", "speech"],
        speech_probability: float,
        stt: SpeechToText,
        phrases: Phrases,
        said: Callable[[float, float], str],
        is_continued: Callable[[Sequence[HeardFrame]], bool],
    ) -> None:
        """``said`` tells what words of the reply sounded between two times, and ``is_continued``
        whether a voice began so early that it goes on with what it asked: one word is then enough.
        """
        self._mode = mode
        self._speech_probability = speech_probability
        self._stt = stt
        self._phrases = phrases
        self._said = said
        self._is_continued = is_continued
        self._nearest_rms = 0.0
        self.reset()

    def reset(self) -> None:
        """A new reply, or none; ``words`` is what was made out since."""
        self._before: deque[HeardFrame] = deque()
        self._frames: list[HeardFrame] = []
        self._voiced = 0
        self._voiced_s = 0.0
        self._silent_s = 0.0
        self._looks = 0
        self._looked_at = 0
        self._asks = False
        self._rest = False
        self.words = ""

    @property
    def frames(self) -> tuple[HeardFrame, ...]:
        """What was heard since just before somebody began to speak; empty when nobody does."""
        return tuple(self._frames)

    @property
    def said(self) -> str:
        """The words of the reply that sounded meanwhile."""
        if not self._frames:
            return ""
        return self._said(
            self._frames[0].t_s - _SAID_BEFORE_S, self._frames[-1].end_s + _SAID_AFTER_S
        )

    def note_user(self, utterance: Pcm) -> None:
        """Who asked speaks at this level; one murmur doesn't let the television in."""
        self._nearest_rms = max(_speech_rms(utterance), _REMEMBERED * self._nearest_rms)

    async def push(self, frame: HeardFrame) -> Step | None:
        """Take the next frame; a look at the words takes as long as a recognition."""
        if self._mode in ("off", "wake_word"):
            return None
        voiced = frame.speech >= self._speech_probability
        if not self._frames:
            return self._wait_for_voice(frame, voiced=voiced)
        self._frames.append(frame)
        length_s = frame.end_s - frame.t_s
        self._voiced_s += length_s if voiced else 0.0
        self._silent_s = 0.0 if voiced else self._silent_s + length_s
        over = self._silent_s >= _SILENCE_S or self._voiced_s >= _GIVES_UP_S
        if self._asks_for_long():
            return Step.CONFIRMED
        if (over or self._look_is_due()) and (await self._is_urgent() or self._asks_for_long()):
            return Step.CONFIRMED
        if not over:
            return None
        rest = self._silent_s < _SILENCE_S
        self.reset()
        self._rest = rest  # sound that goes on and on does not begin again
        return Step.RESUME

    def _wait_for_voice(self, frame: HeardFrame, *, voiced: bool) -> Step | None:
        self._before.append(frame)
        while self._before[0].end_s < frame.end_s - _LEAD_S:
            self._before.popleft()
        self._rest = self._rest and voiced
        self._voiced = self._voiced + 1 if voiced and not self._rest else 0
        if self._voiced < _ONSET_FRAMES or self._is_far(self._voiced):
            return None
        self._frames = list(self._before)
        self._voiced_s = sum(f.end_s - f.t_s for f in self._frames[-self._voiced :])
        return Step.DUCK

    def _is_far(self, voiced: int) -> bool:
        heard = sound(tuple(self._before)[-voiced:])
        return _rms(heard) < self._nearest_rms * 10 ** (-_FAR_DB / 20)

    def _asks_for_long(self) -> bool:
        return self._asks and self._voiced_s >= _REQUEST_S

    def _look_is_due(self) -> bool:
        if self._asks:
            return False
        if self._looks < len(_LOOKS_S) and self._voiced_s >= _LOOKS_S[self._looks]:
            self._looks += 1
            return True
        return False

    async def _is_urgent(self) -> bool:
        """Look at what was said: an urgent word, or a request, or neither?"""
        frames = self.frames
        if len(frames) == self._looked_at:
            return False
        self._looked_at = len(frames)
        try:
            transcript = await self._stt.transcribe(sound(frames), quick=True)
        except EngineError as exc:  # the wake word and the key still interrupt
            _log.warning("what was said during the reply can't be recognised", error=str(exc))
            return False
        words = self.words = without_echo(transcript.text, self.said)
        if self._mode == "stop_word":
            return self._phrases.begins_with_closing(words)
        self._asks = self._phrases.interrupts(words) or (
            self._is_continued(frames) and self._phrases.says_anything(words)
        )
        return self._phrases.is_urgent(words)


def _rms(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))) if len(pcm) else 0.0


def _speech_rms(pcm: Pcm) -> float:
    """The level of ``pcm`` where somebody speaks: pauses are no part of how loud that is."""
    blocks = [_rms(pcm[at : at + _BLOCK]) for at in range(0, len(pcm) - _BLOCK + 1, _BLOCK)]
    loudest = max(blocks, default=0.0)
    return float(np.mean([rms for rms in blocks if rms >= loudest * _SPOKEN])) if blocks else 0.0
