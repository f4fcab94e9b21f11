"""Where a sentence may be over, for a language model that is asked how probable that is.

A model has read enough to know how sentences go on: after "Which planet in our" hardly ever with a
question mark, after "What is the capital of Spain" nearly always. For a turn that is a better sign
than how it sounded, and it costs nothing where the words are evaluated anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_MARKS: Final = ".?!"
_AFTER: Final = ("", "\n", "\n\n", '"', '"\n', "'", ")", ")\n", "..")
_PADDING: Final = " \n\"'”’»)…"


def closing_texts() -> Iterator[str]:
    """What sentences end with; models have tokens for most of these."""
    for before in ("", " "):  # French has a blank there
        for mark in _MARKS:
            for after in _AFTER:
                yield before + mark + after


def without_end(text: str) -> str:
    """``text`` without the mark at its end: a recogniser writes one even in mid-sentence."""
    return text.rstrip(_MARKS + _PADDING)
