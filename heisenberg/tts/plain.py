"""Text as espeak reads it, alone or for Piper."""

from __future__ import annotations


def plain(text: str) -> str:
    """Double square brackets would be read as raw phonemes, and a null character ends a text."""
    return text.replace("[[", " ").replace("]]", " ").replace("\0", " ")
