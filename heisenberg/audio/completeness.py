"""How probable it is that a turn is complete, and how long to wait for more of it."""

from __future__ import annotations

import math
from typing import Final

from heisenberg.core.config.turn import TurnConfig

_SURE: Final = 0.001
"""No judgement is surer than this."""


def together(sound: float, words: float | None) -> float:
    """The probability that both signs give together; neither knows of the other.

    ``words`` is ``None`` where they don't tell.
    """
    odds = _odds(sound) * (1.0 if words is None else _odds(words))
    return odds / (1.0 + odds)


def pause_for(complete: float, config: TurnConfig, likely_pause_s: float) -> float:
    """How long to wait, in seconds, for more after a turn that is so probably complete.

    ``likely_pause_s`` is the user's own.
    """
    if complete >= config.complete_probability:
        return config.pause_s
    sure, unsure = (
        math.log(_odds(probability))
        for probability in (config.complete_probability, config.incomplete_probability)
    )
    share = (sure - math.log(_odds(complete))) / max(sure - unsure, _SURE)
    more_s = max(0.0, config.max_pause_s - likely_pause_s)
    return likely_pause_s + min(1.0, share) * more_s


def _odds(probability: float) -> float:
    bounded = min(1.0 - _SURE, max(_SURE, probability))
    return bounded / (1.0 - bounded)
