"""What the tests of the dashboard share: its parts, and what happens in its room."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest
from playwright.async_api import Locator, Page

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.events import Event
from tests.fakes.api import Engines, Serving, switchable
from tests.fakes.browser import MISSING, is_available

IN_A_BROWSER: Final = [
    pytest.mark.skipif(not is_available(), reason=MISSING),
    pytest.mark.asyncio(loop_scope="session"),
]

STAGES: Final = {
    "pause": 0.06,
    "recognition": 0.2,
    "first token": 0.15,
    "first clause": 0.17,
    "voice": 0.1,
    "end of turn": 0.0,
    "speaker": 0.02,
}
TONE_HZ: Final = 600.0


def microphone_sound() -> Pcm:
    """A tone that comes and goes, as a voice does: a steady one is taken for noise."""
    times = np.arange(2 * RATE_HZ) / RATE_HZ
    loudness = (np.sin(2 * np.pi * 4 * times) > 0) * 0.4
    tone: Pcm = (32767 * loudness * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.int16)
    return tone


def engines(**parts: Any) -> Engines:
    """Engines with language models to choose from, and otherwise as is said."""
    return Engines(**{"llm": switchable(small=100, large=200, other=150), **parts})


def turns(page: Page) -> Locator:
    """What was said and answered, and what else happened."""
    return page.locator("#turns > li")


def state(page: Page) -> Locator:
    return page.locator("#state-name")


def move(api: Serving, before: str, after: str, trigger: str) -> None:
    api.publish(Event.STATE, **{"from": before, "to": after, "trigger": trigger})


def hear(api: Serving, question: str) -> None:
    """Somebody asks aloud, up to the moment at which an answer is thought of."""
    api.publish(Event.WAKE, model="hey_jarvis", score=0.98)
    move(api, "IDLE", "LISTENING", "wake")
    api.publish(Event.SPEECH_START, voiced_start_s=1.0)
    api.publish(Event.SPEECH_END, reason="complete", voiced_end_s=3.0, drafted=False)
    move(api, "LISTENING", "THINKING", "speech_end")
    api.publish(Event.TRANSCRIPT, text=question, language="en", final=True)


def answer(api: Serving, *pieces: str) -> None:
    """It begins to be answered aloud."""
    for piece in pieces:
        api.publish(Event.LLM_TOKEN, text=piece)
    move(api, "THINKING", "SPEAKING", "first_audio")
    wait(api, 0.7)


def wait(api: Serving, first_sound_s: float) -> None:
    """The wait of a turn is told."""
    api.publish(Event.LATENCY, first_sound_s=first_sound_s, stages=STAGES)


def complete(api: Serving, text: str, *, local: bool = True) -> None:
    """The answer is heard to its end."""
    api.publish(
        Event.LLM_COMPLETE, text=text, tokens=5, model="large", backend="cloud", local=local
    )
    api.publish(Event.PLAYBACK_END, heard_s=2.0, interrupted=False)
    move(api, "SPEAKING", "IDLE", "playback_end")
