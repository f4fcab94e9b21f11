"""What everyone does who can be asked about given words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import EngineError
from heisenberg.stt.whisper import WhisperStt
from heisenberg.wake.base import PhraseListener
from tests.fakes.speech import mixed, noise, silence, spoken
from tests.fakes.wake import ScriptedListener

REAL = [
    pytest.param((model, language), marks=pytest.mark.models, id=f"{model} {language}")
    for model, language in (
        ("whisper-base", "en"),
        ("whisper-base", "fr"),
        ("whisper-tiny.en", "en"),
    )
]


@dataclass(frozen=True)
class _Case:
    """A listener, the wake word, and what resembles it."""

    listener: PhraseListener
    call: Pcm
    others: tuple[Pcm, ...]


@pytest_asyncio.fixture(params=["fake", *REAL])
async def case(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[_Case]:
    if request.param == "fake":
        yield _Case(ScriptedListener(-0.2, -9.0), silence(1.0), (silence(1.0),))
        return
    model, language = request.param
    listener = await WhisperStt.load(models_dir / model, languages=(language,))
    others = ("Hey Travis.", "Hey Charles.", "Hey, jarring.", "Hey Darwin.", "What time is it?")
    yield _Case(
        listener,
        spoken(models_dir, "Hey Jarvis."),
        tuple(spoken(models_dir, text) for text in others),
    )
    await listener.aclose()


async def test_the_phrase_fits_itself_and_nothing_that_resembles_it(case: _Case) -> None:
    assert isinstance(case.listener, PhraseListener)
    fit = await case.listener.fit(case.call, "Hey Jarvis")
    assert fit > -2.0
    for other in case.others:
        assert await case.listener.fit(other, "Hey Jarvis") < -5.0


@pytest_asyncio.fixture
async def whisper(models_dir: Path) -> AsyncIterator[WhisperStt]:
    listener = await WhisperStt.load(models_dir / "whisper-base", languages=("en",))
    yield listener
    await listener.aclose()


@pytest.mark.models
async def test_in_noise_it_still_fits(whisper: WhisperStt, models_dir: Path) -> None:
    call = spoken(models_dir, "Hey Jarvis.")
    noisy = mixed(call, noise(2.0, colour="pink", level_db=-32, seed=3))
    assert await whisper.fit(noisy, "Hey Jarvis") > -3.0


@pytest.mark.models
async def test_a_phrase_of_one_word_is_found_too(whisper: WhisperStt, models_dir: Path) -> None:
    assert await whisper.fit(spoken(models_dir, "Alexa."), "Alexa") > -2.0
    assert await whisper.fit(spoken(models_dir, "Hey Jarvis."), "Alexa") < -5.0


@pytest.mark.models
async def test_no_sound_is_no_riddle_and_closed_it_says_so(whisper: WhisperStt) -> None:
    assert await whisper.fit(silence(0.0), "Hey Jarvis") == pytest.approx(
        await whisper.fit(silence(1.0), "Hey Jarvis"), abs=0.01
    )
    await whisper.aclose()
    with pytest.raises(EngineError, match="closed"):
        await whisper.fit(silence(1.0), "Hey Jarvis")
