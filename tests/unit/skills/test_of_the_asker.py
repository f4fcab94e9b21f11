"""Skills about the conversation they are asked in: how it is spoken, who answers, what is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from heisenberg.audio.base import AudioChunk
from heisenberg.skills.base import Asker, Home, Skill
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.memory import Memory
from heisenberg.skills.settings import Settings
from heisenberg.skills.sound import Sound
from heisenberg.tts.delivery import FASTEST, SLOWEST, Delivery
from tests.fakes.asker import ScriptedAsker, ScriptedManner
from tests.fakes.skills import repertoire

LANGUAGES = ("en", "fr")


async def _dialogue(skill: Callable[[Home], Skill]) -> Dialogue:
    made = await asyncio.to_thread(skill, Home(LANGUAGES, Path("nowhere")))
    return Dialogue(await repertoire(made, languages=LANGUAGES))


async def _said(dialogue: Dialogue, text: str, asker: Asker | None) -> str:
    wish = dialogue.find(text)
    assert wish is not None, text
    (done,) = await dialogue.act(wish, asker)
    dialogue.remember(text)
    return done.text


async def test_it_speaks_louder_and_more_quietly_within_bounds() -> None:
    dialogue, delivery = await _dialogue(Sound), Delivery()
    asker = ScriptedAsker(delivery=delivery)
    assert "as loud as I can be" in await _said(dialogue, "Turn the volume up.", asker)
    assert await _said(dialogue, "Parle moins fort.", asker) == "Est-ce mieux ainsi ?"
    quieter = delivery.volume_percent
    assert 0 < quieter < 100
    await _said(dialogue, "A bit louder please", asker)
    assert delivery.volume_percent > quieter
    for _ in range(20):
        await _said(dialogue, "You're too loud!", asker)
    assert 0 < delivery.volume_percent <= 10
    await _said(dialogue, "Set the volume to fifty percent", asker)
    assert delivery.volume_percent == 50
    assert await _said(dialogue, "What's the volume?", asker) == "The volume is at 50 percent."
    assert "from 0 to 100" in await _said(dialogue, "Volume 150", asker)
    await _said(dialogue, "Mute.", asker)
    assert delivery.volume_percent == 0
    await _said(dialogue, "Unmute.", asker)
    assert delivery.volume_percent == 100


async def test_half_the_volume_is_a_quarter_of_the_amplitude_and_silence_is_silent() -> None:
    chunk = AudioChunk(np.full(10, 8000, np.int16), 16000)
    assert Delivery().of(chunk) is chunk
    assert set(Delivery(50).of(chunk).pcm) == {2000}
    assert set(Delivery(0).of(chunk).pcm) == {0}


async def test_it_speaks_faster_and_slower_within_bounds() -> None:
    dialogue, delivery = await _dialogue(Sound), Delivery()
    asker = ScriptedAsker(delivery=delivery)
    await _said(dialogue, "Talk a bit faster.", asker)
    assert 1.0 < delivery.pace < FASTEST
    for _ in range(10):
        await _said(dialogue, "Not so fast", asker)
    assert delivery.pace == SLOWEST
    assert await _said(dialogue, "Slow down", asker) == "I can't speak any slower."
    await _said(dialogue, "Speak normally", asker)
    assert delivery.pace == 1.0


async def test_what_was_said_is_said_again() -> None:
    dialogue = await _dialogue(Sound)
    for text in ("Say that again.", "Sorry, what did you say?", "Répète."):
        assert await _said(dialogue, text, ScriptedAsker("It is noon.")) == "It is noon."
    assert "not said anything" in await _said(dialogue, "Repeat that", ScriptedAsker())


@pytest.mark.parametrize("asker", [None, ScriptedAsker()])
async def test_where_nothing_is_spoken_there_is_no_volume(asker: Asker | None) -> None:
    assert "in writing" in await _said(await _dialogue(Sound), "louder", asker)


async def test_a_conversation_is_forgotten() -> None:
    asker = ScriptedAsker()
    dialogue = await _dialogue(Memory)
    assert "forgotten" in await _said(dialogue, "Forget everything I said.", asker)
    assert "oublié" in await _said(dialogue, "Oublie notre conversation", asker)
    assert asker.forgot == 2


async def test_another_model_answers_by_what_was_heard_of_its_name() -> None:
    manner = ScriptedManner("qwen2.5-coder-0.5b-instruct-q4_k_m", "smollm2-135m-instruct-q4_1", "x")
    dialogue, asker = await _dialogue(Settings), ScriptedAsker(manner=manner)
    answer = await _said(dialogue, "Switch to the small LM 2 model.", asker)
    assert answer == "From now on smollm2-135m answers."
    assert manner.model == "smollm2-135m-instruct-q4_1"
    assert await _said(dialogue, "What model are you using?", asker) == "Smollm2-135m answers."
    refused = await _said(dialogue, "Use the banana model", asker)
    assert "no model called banana" in refused
    assert "qwen2.5-coder-0.5b" in refused
    assert "'x' is not there" in await _said(dialogue, "use the X model", asker)


async def test_another_personality_answers_by_a_word_for_it() -> None:
    manner = ScriptedManner()
    dialogue, asker = await _dialogue(Settings), ScriptedAsker(manner=manner)
    for text, name in (
        ("Be more brief.", "concise"),
        ("Use the friendly personality", "friendly"),
        ("Réponds de façon plus concise", "concise"),
        ("Sois bref", "concise"),
        ("Be nice to me", "friendly"),
    ):
        await _said(dialogue, text, asker)
        assert manner.personality == name
    for text in ("Be more purple", "Be careful", "Sois prudent"):
        assert dialogue.find(text) is None
    assert "on a server" in await _said(dialogue, "Which models are there?", asker)
    assert "can't be changed here" in await _said(dialogue, "be more friendly", ScriptedAsker())


async def test_a_language_is_spoken_where_the_settings_name_it() -> None:
    dialogue = await _dialogue(Settings)
    assert "just say it in French" in await _said(dialogue, "Speak French.", None)
    assert "don't listen for German" in await _said(dialogue, "Talk to me in German", None)
    assert "parlez-la" in await _said(dialogue, "Parle anglais", None)
    for text in ("Talk about music", "Answer the door", "Parle-moi de Paris"):
        assert dialogue.find(text) is None


async def test_the_other_model_is_the_only_other_one() -> None:
    dialogue, manner = await _dialogue(Settings), ScriptedManner("one", "two", "x")
    refused = await _said(dialogue, "Switch to another model", ScriptedAsker(manner=manner))
    assert refused == "Which one? There are: two, x."
    pair = ScriptedManner("two", "one")
    pair.model = "one"
    answer = await _said(dialogue, "Change de modèle", ScriptedAsker(manner=pair))
    assert answer == "Désormais, two répond."
    said = await _said(dialogue, "use a bigger model", ScriptedAsker(manner=ScriptedManner("x")))
    assert "no other model" in said
