"""A second look at what might be the wake word, so that the first one may ask for little.

Far from the microphone or among other voices the detector is in doubt, and so it is about "Hey
Charles". So the recogniser, which knows words, is asked as well: whether the end of the wake word
fits what was heard nearly as well as the words that fit best. It takes a tenth of a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import structlog

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import EngineError
from heisenberg.wake.base import PhraseListener, WakeWord

_SPAN_S: Final = 1.3
"""As much sound as the detector itself looks at: the wake word, said slowly."""
_SCORE_WEIGHT: Final = 0.4
_NEEDED: Final = -1.5
"""Chosen with other seeds of ``bench wake``: of 650 calls in 10 dB of noise or less 17 in a
thousand lie below (with tiny.en 12); of 500 near misses that passed the first look none lay above
(with tiny.en one), sound-alikes left out."""
_SPEECH: Final = 0.4
"""In every call, in 5 dB of noise too, speech was more probable than 0.9 for a moment, and less
than 0.2 in all the noise and music that the detector took for the wake word."""
_ALONE: Final = 0.5
"""The score that is enough where the recogniser can't be asked."""
_NEARLY_SURE: Final = 0.9995

_log = structlog.get_logger(__name__)


class WakeCheck:
    """Confirms wake words; without a ``listener`` it goes by the score alone."""

    def __init__(self, listener: PhraseListener | None) -> None:
        self._listener = listener

    async def confirms(self, woken: WakeWord, pre_roll: Pcm, speech: Sequence[float] = ()) -> bool:
        """Whether ``woken`` was said.

        ``pre_roll`` is the sound up to its report (1.3 s are looked at), ``speech`` how probable
        speech was in each of its frames; without any, that is not looked at.
        """
        if speech and max(speech) < _SPEECH:
            return False
        if self._listener is None:
            return woken.score >= _ALONE
        try:
            fit = await self._listener.fit(pre_roll[-round(_SPAN_S * RATE_HZ) :], woken.phrase)
        except EngineError as exc:
            _log.warning("a wake word can't be checked", error=str(exc))
            return woken.score >= _ALONE
        return fit + _SCORE_WEIGHT * _log_odds(woken.score) >= _NEEDED


def _log_odds(score: float) -> float:
    bounded = min(max(score, 1 - _NEARLY_SURE), _NEARLY_SURE)
    return math.log(bounded / (1 - bounded))
