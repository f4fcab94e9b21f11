"""Ends replies that go round in circles: some models say the same until they are cut off."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

_LONGEST_WORDS: Final = 40
"""Of what is repeated."""
_TIMES: Final = 4
"""People say a thing three times for effect; a refrain comes with other words in between."""
_LEAST_WORDS: Final = 12
"""Of all repetitions together: "ha ha ha ha" is no loop yet."""


async def without_loops(pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """``pieces`` until they repeat themselves."""
    words: deque[str] = deque(maxlen=_LONGEST_WORDS * _TIMES)
    part = ""
    async with aclosing(pieces):
        async for piece in pieces:
            yield piece
            *done, part = f"{part}{piece}".split(" ")
            words.extend(word for word in done if word)
            if done and _goes_round(words):
                return


def ends_in_a_loop(text: str) -> bool:
    """Whether ``text`` is what ``without_loops`` has left of a reply that it ended."""
    *done, _ = text.split(" ")
    return _goes_round(deque((word for word in done if word), _LONGEST_WORDS * _TIMES))


def _goes_round(words: deque[str]) -> bool:
    said = list(words)
    for length in range(1, _LONGEST_WORDS + 1):
        times = max(_TIMES, -(-_LEAST_WORDS // length))
        if len(said) < length * times:
            continue
        tail = said[-length * times :]
        if tail == tail[:length] * times:
            return True
    return False
