"""What the voice knows of each language: a module each, and ``spoken_language`` to find it."""

from __future__ import annotations

from heisenberg.tts.languages.base import SpokenLanguage
from heisenberg.tts.languages.english import ENGLISH
from heisenberg.tts.languages.french import FRENCH


def spoken_language(code: str) -> SpokenLanguage:
    """The language of an ISO 639-1 code; English for one that has no table."""
    return FRENCH if code == "fr" else ENGLISH
