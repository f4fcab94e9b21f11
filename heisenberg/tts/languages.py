"""The languages there are tables for."""

from __future__ import annotations

from heisenberg.tts.english import ENGLISH
from heisenberg.tts.french import FRENCH
from heisenberg.tts.language import SpokenLanguage


def spoken_language(code: str) -> SpokenLanguage:
    """The language of an ISO 639-1 code; English for one that has no table."""
    return FRENCH if code == "fr" else ENGLISH
