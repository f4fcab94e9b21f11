"""Being there, and waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.core.phrases import Phrases
from heisenberg.skills.base import Home
from heisenberg.skills.presence import Presence
from tests.fakes.skills import answer, repertoire

LANGUAGES = ("en", "fr")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Are you there?", "Yes, I'm listening."),
        ("Can you hear me?", "Yes, I'm listening."),
        ("Tu m'entends ?", "Oui, je vous écoute."),
        ("Are you there yet for dinner?", None),
        ("Wait for me at the station.", None),
    ],
)
async def test_it_says_that_it_is_there(asked: str, said: str | None) -> None:
    skill = await asyncio.to_thread(Presence, Home(LANGUAGES, Path()))
    assert await answer(await repertoire(skill, languages=LANGUAGES), asked) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Give me a moment.", "Take your time."),
        ("Just a second.", "Take your time."),
        ("Hang on.", "Take your time."),
        ("Let me think.", "Take your time."),
        ("Laisse-moi réfléchir.", "Prenez votre temps."),
        ("Un instant.", "Prenez votre temps."),
    ],
)
async def test_who_is_told_to_take_their_time_is_listened_to_for_longer(
    asked: str, said: str
) -> None:
    skill = await asyncio.to_thread(Presence, Home(LANGUAGES, Path()))
    assert await answer(await repertoire(skill, languages=LANGUAGES), asked) == said
    phrases = await asyncio.to_thread(Phrases.load, "fr")
    assert phrases.asks_for_time(asked)
