"""Texts that end a reply, which are not part of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing


async def until(
    pieces: AsyncGenerator[str, None], stops: Sequence[str]
) -> AsyncGenerator[str, None]:
    """``pieces`` up to the first of ``stops``, of which no part is given out."""
    held = ""
    async with aclosing(pieces):
        async for piece in pieces:
            held += piece
            ends = [at for stop in stops if (at := held.find(stop)) >= 0]
            if ends:
                if held[: min(ends)]:
                    yield held[: min(ends)]
                return
            safe = len(held) - _begun(held, stops)
            if safe:
                yield held[:safe]
                held = held[safe:]
    if held:
        yield held


def _begun(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end of ``text`` may be the beginning of a stop."""
    sizes = (size for stop in stops for size in range(1, len(stop)) if text.endswith(stop[:size]))
    return max(sizes, default=0)
