"""The lists of words that a user may edit, and what such a list is compared with."""

from __future__ import annotations

import re
import unicodedata

from heisenberg.core.resources import prompts_dir


def listed(language: str, name: str) -> list[str]:
    """The lines of ``prompts/<language>/<name>`` without comments; none where it is not there."""
    file = prompts_dir() / language / name
    if not file.is_file():
        return []
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def bare_words(text: str) -> str:
    """The words of ``text``: lower case, without accents and punctuation, a space between two."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))
