"""Who is cut off in a pause, and how long who has finished is kept waiting."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.bench.turns.endpoint import EndpointReport, Sentence, bench_endpoint
from heisenberg.core.config.turn import TurnConfig
from heisenberg.core.phrases import Phrases
from heisenberg.loading import Engines
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.vad import ScriptedVad

FRAME_S = 512 / RATE_HZ


def sentence(pause_s: float) -> Sentence:
    """A second of voice, the pause, another second, and silence."""
    parts = ((0, 0.5), (3000, 1.0), (0, pause_s), (3000, 1.0), (0, 2.0))
    pcm = np.concatenate([np.full(round(s * RATE_HZ), value, np.int16) for value, s in parts])
    return Sentence("What is it?", "What", pause_s, pcm, 1.5, 2.5 + pause_s)


async def listen(*pauses_s: float, ends: float) -> EndpointReport:
    """``ends`` is what the language model makes of the words before the pause."""
    engines = Engines(
        None,
        ScriptedVad(),
        ScriptedTurnDetector(),
        ScriptedStt(("What", "What is it?") * len(pauses_s)),
        ScriptedLanguageModel(prompt_ends=lambda words: 0.9 if words.endswith("?") else ends),
        ScriptedTts(),
        Phrases("Sorry.", frozenset()),
    )
    return await bench_endpoint(TurnConfig(), engines, [sentence(pause) for pause in pauses_s])


async def test_who_is_waited_for_is_not_cut_off() -> None:
    found = (await listen(0.8, ends=0.0001)).as_dict()
    assert found["cut_off"] == 0
    assert found["wait_s"]["p50"] == pytest.approx(TurnConfig().pause_s, abs=2.5 * FRAME_S)
    assert found["heard"][0]["understood"] == ("What", "What is it?")


async def test_who_is_not_waited_for_is_cut_off_and_still_heard_to_the_end() -> None:
    found = (await listen(0.8, ends=0.9)).as_dict()
    assert found["cut_off"] == 1
    assert found["heard"][0]["wait_s"] < 1.0


async def test_a_pause_that_is_shorter_than_the_wait_cuts_nobody_off() -> None:
    assert (await listen(0.2, 0.25, ends=0.9)).as_dict()["cut_off"] == 0
