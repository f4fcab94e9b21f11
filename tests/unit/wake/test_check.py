"""The second look at a wake word."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.errors import EngineError
from heisenberg.wake.base import PhraseListener, WakeWord
from heisenberg.wake.check import WakeCheck
from tests.fakes.wake import ScriptedListener

PRE_ROLL = np.ones(2 * RATE_HZ, dtype=np.int16)


def _woken(score: float) -> WakeWord:
    return WakeWord("hey_jarvis", score, "Hey Jarvis")


async def _confirms(score: float, fit: float, speech: tuple[float, ...] = ()) -> bool:
    return await WakeCheck(ScriptedListener(fit)).confirms(_woken(score), PRE_ROLL, speech)


async def test_a_doubtful_score_is_enough_where_the_words_fit() -> None:
    assert await _confirms(0.2, 0.0)


async def test_a_high_score_is_not_enough_where_other_words_fit_much_better() -> None:
    assert not await _confirms(0.99, -9.0)


async def test_the_surer_the_detector_the_less_the_words_must_fit() -> None:
    assert await _confirms(0.99, -3.0)
    assert not await _confirms(0.2, -3.0)


@pytest.mark.parametrize("score", [0.0, 1.0])
async def test_any_score_can_be_weighed(score: float) -> None:
    assert await _confirms(score, 9.0)
    assert not await _confirms(score, -99.0)


async def test_the_words_are_looked_for_at_the_end_of_the_sound() -> None:
    listener = ScriptedListener(0.0)
    await WakeCheck(listener).confirms(_woken(0.9), PRE_ROLL)
    assert listener.asked == [("Hey Jarvis", 1.3)]


async def test_without_any_speech_the_recogniser_is_not_asked() -> None:
    listener = ScriptedListener(0.0)
    check = WakeCheck(listener)
    assert not await check.confirms(_woken(0.99), PRE_ROLL, [0.01, 0.2, 0.05])
    assert listener.asked == []
    assert await check.confirms(_woken(0.99), PRE_ROLL, [0.01, 0.9, 0.05])


@pytest.mark.parametrize(
    "listener", [None, ScriptedListener(error=EngineError("The recogniser failed."))]
)
async def test_where_it_cannot_be_asked_the_score_must_be_higher(
    listener: PhraseListener | None,
) -> None:
    check = WakeCheck(listener)
    assert await check.confirms(_woken(0.6), PRE_ROLL)
    assert not await check.confirms(_woken(0.4), PRE_ROLL)
