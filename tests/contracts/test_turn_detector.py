"""What every turn detector does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import RATE_HZ, Pcm, TurnDetector
from heisenberg.audio.smart_turn import SmartTurn
from heisenberg.core.errors import EngineError, LoadFailed, ModelMissing
from tests.fakes.speech import join, noise, silence, spoken
from tests.fakes.turn import ScriptedTurnDetector

REAL = pytest.param("smart-turn", marks=pytest.mark.models)
_PAUSE_S = 0.3


@dataclass(frozen=True)
class _Case:
    """A detector, a turn that is over and one that is not, to be judged in this order."""

    detector: TurnDetector
    complete: Pcm
    cut_off: Pcm


def _model(models_dir: Path) -> Path:
    return models_dir / "smart-turn-v3.2" / "smart-turn-v3.2-cpu.onnx"


@pytest_asyncio.fixture
async def smart_turn(models_dir: Path) -> AsyncIterator[SmartTurn]:
    detector = await SmartTurn.load(_model(models_dir))
    yield detector
    await detector.aclose()


@pytest_asyncio.fixture(params=["fake", REAL])
async def case(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[_Case]:
    if request.param == "fake":
        sound = noise(1.0, colour="pink", level_db=-20, seed=1)
        yield _Case(ScriptedTurnDetector([0.9, 0.1]), sound, sound)
        return
    detector = await SmartTurn.load(_model(models_dir))
    complete = spoken(models_dir, "What is the capital of France?")
    cut_off = spoken(models_dir, "So what I wanted to say is, um")
    pause = silence(_PAUSE_S)
    yield _Case(detector, join(complete, pause), join(cut_off, pause))
    await detector.aclose()


async def test_a_finished_question_is_told_from_an_unfinished_sentence(case: _Case) -> None:
    assert await case.detector.probability(case.complete) > 0.8
    assert await case.detector.probability(case.cut_off) < 0.2


async def test_every_probability_is_one(case: _Case) -> None:
    for pcm in (silence(0), silence(20.0), np.full(RATE_HZ, -32768, dtype=np.int16)):
        assert 0.0 <= await case.detector.probability(pcm) <= 1.0


async def test_closed_it_says_so(case: _Case) -> None:
    await case.detector.aclose()
    with pytest.raises(EngineError, match="closed"):
        await case.detector.probability(case.complete)


_COMPLETE = (
    "Stop.",
    "Yes.",
    "How many days are there in a week?",
    "Set a timer for ten minutes.",
    "Turn on the light in the kitchen please.",
    "I would like to know how far away the moon is.",
)
_CUT_OFF = ("I would like to, um,", "and then", "I was wondering if, uh,", "Can you, um,")


@pytest.mark.models
async def test_what_people_ask_is_complete_and_what_breaks_off_is_not(
    smart_turn: SmartTurn, models_dir: Path
) -> None:
    judged = {
        text: await smart_turn.probability(join(spoken(models_dir, text), silence(_PAUSE_S)))
        for text in _COMPLETE + _CUT_OFF
    }
    assert {text for text, probability in judged.items() if probability > 0.5} == set(_COMPLETE)


@pytest.mark.models
async def test_only_the_last_eight_seconds_count(smart_turn: SmartTurn, models_dir: Path) -> None:
    words = spoken(models_dir, "What is the capital of France?")
    last = join(silence(8.0 - len(words) / RATE_HZ - _PAUSE_S), words, silence(_PAUSE_S))
    long = join(noise(5.0, colour="white", level_db=-10, seed=2), last)
    expected = await smart_turn.probability(last)
    assert await smart_turn.probability(long) == pytest.approx(expected, abs=1e-4)


@pytest.mark.models
async def test_a_missing_or_truncated_file_is_named(models_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "turn.onnx"
    with pytest.raises(ModelMissing, match=r"turn\.onnx"):
        await SmartTurn.load(file)
    file.write_bytes(_model(models_dir).read_bytes()[:1_000_000])
    with pytest.raises(LoadFailed, match=r"turn\.onnx"):
        await SmartTurn.load(file)


@pytest.mark.models
async def test_another_network_is_refused(models_dir: Path) -> None:
    with pytest.raises(LoadFailed, match=r"hey_jarvis"):
        await SmartTurn.load(models_dir / "hey_jarvis" / "hey_jarvis_v0.1.onnx")
