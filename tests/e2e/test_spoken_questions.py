"""Spoken questions through the real engines: heard, understood, answered, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.config import Config
from heisenberg.core.events import Event
from heisenberg.loading import Engines
from heisenberg.simulation import Conditions, Simulation, simulate
from tests.fakes.speech import join, mixed, music, noise, silence, spoken

pytestmark = [
    pytest.mark.models,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(300),
]

QUESTIONS = (
    "What is the capital of France?",
    "How many legs does a spider have?",
    "Who painted the Mona Lisa?",
    "What do bees make?",
    "Why does ice float on water?",
    "What is the boiling point of water?",
    "Tell me a short story about a cat.",
    "Which ocean is the largest?",
    "How do you say thank you in Spanish?",
    "Name three kinds of fruit.",
    "What causes thunder?",
)
DIGITS = {"seven": "7", "five": "5", "three": "3", "plus": "+"}


def _words(text: str) -> list[str]:
    found = re.findall(r"[\w+]+", text.lower())
    return [DIGITS.get(word, word) for word in found]


def _alike(left: str, right: str) -> float:
    """The share of words that two texts have in common, in order."""
    return SequenceMatcher(None, _words(left), _words(right), autojunk=False).ratio()


def _found(result: Simulation, event: Event) -> list[dict[str, Any]]:
    return [{"t": record.t, **record.fields} for record in result.events if record.event is event]


async def _ask(
    config: Config, engines: Engines, recording: Pcm, *, ptt: bool = False
) -> Simulation:
    return await simulate(config, engines, recording, Conditions(ptt=ptt, fast=True))


async def _read_back(engines: Engines, speaker: Pcm) -> str:
    sounding = np.flatnonzero(speaker)
    assert len(sounding), "nothing was played"
    return (await engines.stt.transcribe(speaker[sounding[0] : sounding[-1]])).text


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_spoken_question_is_heard_understood_and_answered_aloud(
    models_dir: Path, config: Config, engines: Engines, question: str
) -> None:
    text = f"Hey Jarvis, {question[0].lower()}{question[1:]}"
    recording = join(silence(0.6), spoken(models_dir, text), silence(0.4))
    result = await _ask(config, engines, recording)
    assert len(_found(result, Event.WAKE)) == 1
    (transcript,) = _found(result, Event.TRANSCRIPT)
    assert _alike(transcript["text"], question) >= 0.8
    assert "jarvis" not in transcript["text"].lower()
    (reply,) = _found(result, Event.LLM_COMPLETE)
    assert reply["text"]
    assert reply["tokens"] > 0
    said = " ".join(_words(reply["text"])[:40])
    assert _alike(await _read_back(engines, result.speaker[: 20 * RATE_HZ]), said) >= 0.5


async def test_what_a_skill_knows_no_model_is_asked(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    recording = join(
        silence(0.6), spoken(models_dir, "Hey Jarvis, what is twelve plus thirty?"), silence(0.4)
    )
    result = await _ask(config, engines, recording)
    (answer,) = _found(result, Event.SKILL)
    assert (answer["name"], answer["text"]) == ("calculator", "42.")
    assert not _found(result, Event.LLM_TOKEN)
    said = await _read_back(engines, result.speaker)
    assert {"42", "forty"} & set(_words(said)), said


async def test_the_events_of_a_turn_are_in_order_and_agree_with_the_sound(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    words = spoken(models_dir, "Hey Jarvis, what is the capital of France?")
    recording = join(silence(1.0), words, silence(0.3))
    result = await _ask(config, engines, recording)
    order = [record.event for record in result.events]
    expected = [
        Event.READY,
        Event.WAKE,
        Event.SPEECH_END,
        Event.TRANSCRIPT,
        Event.LLM_TOKEN,
        Event.FIRST_CLAUSE,
        Event.FIRST_SOUND,
        Event.PLAYBACK_START,
        Event.PLAYBACK_END,
    ]
    assert [event for event in order if event in expected and event is not Event.LLM_TOKEN] == [
        event for event in expected if event is not Event.LLM_TOKEN
    ]
    assert order.index(Event.TRANSCRIPT) < order.index(Event.LLM_TOKEN)
    assert order.index(Event.LLM_TOKEN) < order.index(Event.PLAYBACK_START)
    assert order.index(Event.LLM_COMPLETE) < order.index(Event.PLAYBACK_END)

    voiced_end_s = _found(result, Event.SPEECH_END)[0]["voiced_end_s"]
    spoken_until_s = np.flatnonzero(np.abs(recording) > 100)[-1] / RATE_HZ
    assert voiced_end_s == pytest.approx(spoken_until_s, abs=0.05)
    audible = np.flatnonzero(np.abs(result.speaker) > 100) / RATE_HZ
    start_s = _found(result, Event.PLAYBACK_START)[0]["t"]
    end_s = _found(result, Event.PLAYBACK_END)[0]["t"]
    assert audible[0] == pytest.approx(start_s, abs=0.05)
    (latency,) = _found(result, Event.LATENCY)
    assert latency["first_sound_s"] == pytest.approx(audible[0] - spoken_until_s, abs=0.1)
    assert sum(latency["stages"].values()) == pytest.approx(latency["first_sound_s"], abs=0.01)
    assert audible[-1] == pytest.approx(end_s, abs=0.05)
    assert len(result.speaker) / RATE_HZ == pytest.approx(end_s, abs=0.05)
    assert "Paris" in await _read_back(engines, result.speaker)


async def test_a_pause_after_the_wake_word_is_allowed(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    recording = join(
        silence(0.6),
        spoken(models_dir, "Hey Jarvis."),
        silence(1.5),
        spoken(models_dir, "What do cows drink?"),
        silence(0.4),
    )
    (transcript,) = _found(await _ask(config, engines, recording), Event.TRANSCRIPT)
    assert _alike(transcript["text"], "What do cows drink?") >= 0.75


async def test_with_the_key_held_no_wake_word_is_needed(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    recording = join(
        silence(0.3), spoken(models_dir, "What is the capital of Italy?"), silence(0.2)
    )
    result = await _ask(config, engines, recording, ptt=True)
    assert not _found(result, Event.WAKE)
    (transcript,) = _found(result, Event.TRANSCRIPT)
    assert _alike(transcript["text"], "What is the capital of Italy?") >= 0.8
    assert _found(result, Event.PLAYBACK_END)


async def test_stop_as_the_whole_utterance_gets_no_reply(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    recording = join(silence(0.6), spoken(models_dir, "Hey Jarvis, never mind."), silence(0.4))
    result = await _ask(config, engines, recording)
    assert _found(result, Event.TRANSCRIPT)
    assert not result.speaker.any()
    assert _found(result, Event.STATE)[-1]["to"] == "IDLE"


SENTENCES = (
    "The weather was fine, and we walked along the river until the evening.",
    "Please remember to buy some bread, milk and butter on your way home.",
    "I have never seen so many stars as on that night in the mountains.",
    "Could somebody tell me where the nearest station is?",
    "The travelers are jarring their marmalade today, hey.",
)


async def test_speech_without_the_wake_word_gets_no_reply(
    models_dir: Path, config: Config, engines: Engines
) -> None:
    parts: list[Pcm] = []
    for sentence in SENTENCES:
        parts += [spoken(models_dir, sentence), silence(0.8)]
    _assert_left_alone(await _ask(config, engines, join(*parts)))


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(60, colour="white", level_db=-35, seed=1), id="white noise"),
        pytest.param(noise(60, colour="pink", level_db=-25, seed=2), id="pink noise"),
        pytest.param(music(60, level_db=-20, seed=3), id="music"),
    ],
)
async def test_a_minute_of_noise_or_music_gets_no_reply(
    config: Config, engines: Engines, sound: Pcm
) -> None:
    _assert_left_alone(await _ask(config, engines, sound))


@pytest.mark.parametrize("level_db", [-45, -35])
async def test_noise_after_the_wake_word_is_nothing_heard(
    models_dir: Path, config: Config, engines: Engines, level_db: float
) -> None:
    wake = join(silence(0.6), spoken(models_dir, "Hey Jarvis."), silence(9.0))
    recording = mixed(wake, noise(10, colour="pink", level_db=level_db, seed=4))
    result = await _ask(config, engines, recording)
    assert len(_found(result, Event.WAKE)) == 1
    assert not result.speaker.any()
    assert _found(result, Event.STATE)[-1]["to"] == "IDLE"


def _assert_left_alone(result: Simulation) -> None:
    events: Sequence[Event] = [record.event for record in result.events]
    assert events == [Event.READY]
    assert not result.speaker.any()
