"""What Heisenberg tells of itself to who asks what there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from heisenberg import __version__
from heisenberg.core.config import Config
from heisenberg.wyoming.messages import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    IntentModel,
    IntentProgram,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

_NAME: Final = "heisenberg"
_BY: Final = Attribution("Heisenberg", "")


def wake_name(phrase: str) -> str:
    """What a wake word is called in messages: ``hey_jarvis`` for "Hey Jarvis"."""
    return "_".join(phrase.lower().split())


def described(config: Config, phrases: Sequence[str], *, skills: bool) -> Info:
    """All that is offered; ``phrases`` are the wake words, if any are listened for."""
    languages = list(config.languages)
    spoken = languages[:1]
    info = Info(
        asr=[
            AsrProgram(
                models=[AsrModel(languages=languages, **_artifact(config.stt.engine))],
                **_program("Speech to text"),
            )
        ],
        tts=[
            TtsProgram(
                voices=[TtsVoice(languages=spoken, **_artifact(config.tts.engine))],
                supports_synthesize_streaming=True,
                **_program("The voice"),
            )
        ],
        handle=[
            HandleProgram(
                models=[HandleModel(languages=languages, **_artifact("assistant"))],
                supports_home_control=skills,
                **_program("Skills, and a language model for all else"),
            )
        ],
    )
    if skills:
        models = [IntentModel(languages=languages, **_artifact("skills"))]
        info.intent = [IntentProgram(models=models, **_program("What the skills understand"))]
    if phrases:
        words = [
            WakeModel(languages=spoken, phrase=phrase, **_artifact(wake_name(phrase), phrase))
            for phrase in phrases
        ]
        info.wake = [WakeProgram(models=words, **_program("Wake words"))]
    return info


def _program(description: str) -> dict[str, Any]:
    return _artifact(_NAME, description)


def _artifact(name: str, description: str = "") -> dict[str, Any]:
    """What every program and model tells of itself."""
    return {
        "name": name,
        "description": description or name,
        "attribution": _BY,
        "installed": True,
        "version": __version__,
    }
