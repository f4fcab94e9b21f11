"""From what keyboards report to what a key does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from heisenberg.wake.base import KeyEvent


class Presses:
    """Takes reports of one key on any number of keyboards; iterating gives its ``KeyEvent``s.

    The key is down while it is down on any of them. Repeated reports make no difference, nor
    does a release of a key that was down before it was watched.
    """

    def __init__(self) -> None:
        self._down_on: set[str] = set()
        self._events: asyncio.Queue[KeyEvent | None] = asyncio.Queue()
        self._ended = False

    def note(self, keyboard: str, *, down: bool) -> None:
        """The key is down, or up, on ``keyboard``."""
        was_down = bool(self._down_on)
        if down:
            self._down_on.add(keyboard)
        else:
            self._down_on.discard(keyboard)
        if bool(self._down_on) != was_down and not self._ended:
            self._events.put_nowait(KeyEvent.DOWN if down else KeyEvent.UP)

    def end(self) -> None:
        """Nothing more will come; a key that is down goes up first."""
        if self._ended:
            return
        for keyboard in tuple(self._down_on):
            self.note(keyboard, down=False)
        self._ended = True
        self._events.put_nowait(None)

    async def __aiter__(self) -> AsyncGenerator[KeyEvent, None]:
        while (event := await self._events.get()) is not None:
            yield event
        self._events.put_nowait(None)  # for whoever asks again
