"""Several voices as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from heisenberg.core.errors import ConfigError
from heisenberg.tts.by_language import ByLanguage
from heisenberg.tts.language import LanguageDetector
from tests.fakes.tts import ScriptedTts


class _Scene:
    def __init__(self, detector: LanguageDetector) -> None:
        self.english, self.french = ScriptedTts(), ScriptedTts()
        self.voice = ByLanguage({"en": self.english, "fr": self.french}, detector.of)

    async def say(self, text: str) -> None:
        async for _ in self.voice.synthesize(text):
            pass


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector(("en", "fr"))


@pytest_asyncio.fixture
async def scene(detector: LanguageDetector) -> AsyncIterator[_Scene]:
    scene = _Scene(detector)
    yield scene
    await scene.voice.aclose()


async def test_each_text_is_said_by_the_voice_of_its_language(scene: _Scene) -> None:
    for text in ("The capital of France is Paris.", "La capitale de la France est Paris."):
        await scene.say(text)
    assert scene.english.spoken == ["The capital of France is Paris."]
    assert scene.french.spoken == ["La capitale de la France est Paris."]


async def test_what_is_in_no_language_is_said_as_what_was_said_before(scene: _Scene) -> None:
    for text in ("12.", "Il est tard.", "12."):
        await scene.say(text)
    assert scene.english.spoken == ["12."]
    assert scene.french.spoken == ["Il est tard.", "12."]


async def test_closed_it_closes_them_all(scene: _Scene) -> None:
    await scene.voice.aclose()
    assert scene.english.closed
    assert scene.french.closed


async def test_a_language_that_nobody_tells_apart_is_named() -> None:
    with pytest.raises(ConfigError, match="xx"):
        await asyncio.to_thread(LanguageDetector, ("en", "xx"))
