"""Whether it is looked at what is being said, by the cores that there are and by what is set."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.config import Config
from heisenberg.core.phrases import Phrases
from heisenberg.loading import Engines
from heisenberg.simulation import Conditions, simulate
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.turn import ScriptedTurnDetector
from tests.fakes.vad import ScriptedVad
from tests.fakes.wake import ScriptedWake
from tests.integration.scene import QUESTION, REPLY, WORD_S


@pytest.mark.parametrize(
    ("cores", "settings", "looks"),
    [(2, [], False), (4, [], True), (2, ["turn.look_s=0.4"], True), (4, ["turn.look_s=0"], False)],
)
async def test_it_is_looked_at_where_a_core_is_free_or_where_that_is_wanted(
    cores: int, settings: list[str], *, looks: bool
) -> None:
    stt = ScriptedStt()
    engines = Engines(
        ScriptedWake(),
        ScriptedVad(),
        ScriptedTurnDetector(),
        stt,
        ScriptedLanguageModel([REPLY]),
        ScriptedTts(word_s=WORD_S),
        Phrases("Sorry.", closings=frozenset()),
        cores=cores,
    )
    config = await asyncio.to_thread(Config.load, None, settings)
    await simulate(config, engines, QUESTION, Conditions(fast=True))
    assert bool(stt.glimpsed) == looks
    assert len(stt.heard) == 1
