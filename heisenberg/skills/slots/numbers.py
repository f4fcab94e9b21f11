"""Numbers, as people say them and recognisers write them."""

from __future__ import annotations

from typing import Final

_LANGUAGES: Final = frozenset({"en", "fr", "es", "pt", "de", "it", "nl", "ca", "ru"})
"""Those that text2num knows."""


def in_digits(text: str, language: str) -> str:
    """``text`` with its numbers in digits: "twenty-five minutes" is "25 minutes"."""
    from text_to_num import alpha2digit

    if language not in _LANGUAGES:
        return text
    return str(alpha2digit(text, language, threshold=0))


def whole_number(text: str, language: str) -> int:
    """Raises ``ValueError`` where ``text`` is anything else."""
    return int(in_digits(text, language))


def number(text: str, language: str) -> float:
    """The same for numbers with a fraction. Raises ``ValueError``."""
    return float(in_digits(text, language).replace(",", "."))
