"""What every voice activity detector does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import RATE_HZ, Pcm, VoiceActivityDetector
from heisenberg.audio.vad import SileroVad
from heisenberg.core.errors import EngineError
from tests.fakes.speech import join, noise, silence, spoken
from tests.fakes.vad import ScriptedVad


@pytest_asyncio.fixture(params=["fake", "silero"])
async def vad(request: pytest.FixtureRequest) -> AsyncIterator[VoiceActivityDetector]:
    detector = ScriptedVad() if request.param == "fake" else await SileroVad.load()
    yield detector
    await detector.aclose()


async def _probabilities(vad: VoiceActivityDetector, pcm: Pcm) -> list[float]:
    size = vad.frame_samples
    return [
        await vad.probability(pcm[begin : begin + size])
        for begin in range(0, len(pcm) - size + 1, size)
    ]


async def test_silence_is_no_speech(vad: VoiceActivityDetector) -> None:
    probabilities = await _probabilities(vad, silence(1.0))
    assert len(probabilities) > 10
    assert max(probabilities) < 0.5


async def test_a_quiet_room_is_no_speech(vad: VoiceActivityDetector) -> None:
    room = noise(2.0, colour="pink", level_db=-50, seed=3)
    assert max(await _probabilities(vad, room)) < 0.5


@pytest.mark.models
async def test_speech_is_speech_and_ends(vad: VoiceActivityDetector, models_dir: Path) -> None:
    words = spoken(models_dir, "What is the capital of France?")
    probabilities = await _probabilities(vad, join(silence(0.5), words, silence(1.0)))
    frame_s = vad.frame_samples / RATE_HZ
    speech_s = [index * frame_s for index, value in enumerate(probabilities) if value >= 0.5]
    end_s = 0.5 + len(words) / RATE_HZ
    assert speech_s[0] == pytest.approx(0.5, abs=0.1)
    assert speech_s[-1] == pytest.approx(end_s, abs=0.35)
    # The short silences of consonants aside, it goes on from the first word to the last.
    assert max(np.diff(speech_s)) < 0.3


@pytest.mark.models
async def test_a_voice_after_a_long_silence_is_noticed_at_once(
    vad: VoiceActivityDetector, models_dir: Path
) -> None:
    words = spoken(models_dir, "Actually, can we talk about music?")
    before = silence(45.0)
    probabilities = await _probabilities(vad, join(before, words))
    begin = len(before) // vad.frame_samples
    noticed = next(at for at, value in enumerate(probabilities[begin:]) if value >= 0.5)
    assert noticed * vad.frame_samples / RATE_HZ < 0.15


async def test_every_probability_is_one(vad: VoiceActivityDetector) -> None:
    loud = np.full(vad.frame_samples * 3, -32768, dtype=np.int16)
    for probability in await _probabilities(vad, join(loud, silence(0.2), loud)):
        assert 0.0 <= probability <= 1.0


@pytest.mark.models
async def test_after_a_reset_it_judges_as_at_first(
    vad: VoiceActivityDetector, models_dir: Path
) -> None:
    words = spoken(models_dir, "Turn on the light.")
    first = await _probabilities(vad, words)
    await vad.reset()
    assert await _probabilities(vad, words) == pytest.approx(first, abs=1e-5)


async def test_closed_it_says_so(vad: VoiceActivityDetector) -> None:
    await vad.aclose()
    with pytest.raises(EngineError, match="closed"):
        await vad.probability(silence(vad.frame_samples / RATE_HZ))
