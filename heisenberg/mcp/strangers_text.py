"""What another program says: data, made harmless to show, to log and to put into a prompt."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

_LINE_ENDS: Final = frozenset("\n\t")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
"""Unicode's categories of what is not seen: control and format characters, what has no meaning."""
_SHORTEST_SECRET: Final = 4
"""Shorter ones would be found in any text."""


def cleaned(text: str, most: int) -> str:
    """``text`` without what is not seen, of at most ``most`` characters; lines stay lines."""
    text = text[: 4 * most]  # no more is looked at than can be left
    seen = "".join(char for char in text if char in _LINE_ENDS or _is_seen(char))
    return _cut(seen.strip(), most)


def one_line(text: str, most: int, secrets: Sequence[str] = ()) -> str:
    """The same in one line, with stars for each of ``secrets``."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return _cut(" ".join(cleaned(text, 2 * most).split()), most)


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _UNSEEN


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
