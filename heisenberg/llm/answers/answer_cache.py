"""Answers that were given, for whoever asks the same again: in memory only, and not for long."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 1 << 20
"""Of all questions and answers together, as UTF-8."""

LIFETIME_S: Final = 24 * 3600.0
"""A small model knows nothing that is new; but what was said should not be kept for ever."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, normalised, and a digest of everything else that its answer depends on."""

    question: str
    context: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply and what was known of it; see ``Generation``."""

    text: str
    tokens: int
    prompt_tokens: int
    prompt_ends: float | None


class AnswerCache:
    """At most ``entries`` answers and ``MOST_BYTES``; who was not asked for longest goes first.

    An answer is dropped ``LIFETIME_S`` after it was kept, however often it is given.
    """

    def __init__(self, entries: int, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._entries = entries
        self._now_s = now_s
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """Of the questions and answers that are kept."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, asked: Asked) -> Answer | None:
        """What was answered, if it is still known."""
        self._drop_old()
        kept = self._kept.get(asked)
        if kept is None:
            return None
        self._kept.move_to_end(asked)
        return kept.answer

    def questions(self, context: bytes) -> list[str]:
        """Those that were answered in ``context``."""
        self._drop_old()
        return [asked.question for asked in self._kept if asked.context == context]

    def keep(self, asked: Asked, answer: Answer) -> None:
        """Know ``answer`` from now on; it replaces an earlier one."""
        self._drop_old()
        self._drop(asked)
        size = _bytes_of(asked.question) + _bytes_of(answer.text)
        if size > MOST_BYTES:
            return
        self._kept[asked] = _Kept(answer, size, self._now_s() + LIFETIME_S)
        self._bytes += size
        while len(self._kept) > self._entries or self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _drop_old(self) -> None:
        now_s = self._now_s()
        for asked in [asked for asked, kept in self._kept.items() if kept.until_s <= now_s]:
            self._drop(asked)

    def _drop(self, asked: Asked) -> None:
        kept = self._kept.pop(asked, None)
        if kept is not None:
            self._bytes -= kept.size


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    size: int
    until_s: float


def _bytes_of(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
