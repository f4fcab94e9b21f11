"""What the user says is made out while they still speak, and its words are evaluated.

Once they have finished, the language model has only the rest of the question left.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.bus import Bus
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.events import Event
from heisenberg.core.turn import Request, TurnEngines, understand

_UNSURE_WORDS: Final = 1
"""Of an utterance that goes on, so many of the last words may turn out to be others."""

_log = structlog.get_logger(__name__)


class Foresight:
    """One look at a time; a look that is not over when the next is due is worth more than that."""

    def __init__(self, engines: TurnEngines, bus: Bus) -> None:
        self._engines = engines
        self._bus = bus
        self._looking: asyncio.Task[None] | None = None

    def look(self, request: Request) -> None:
        """Make out what was said until now, in a task of its own."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(request), name="foresight")

    def drop(self) -> None:
        """What comes needs the cores."""
        if self._looking is not None:
            self._looking.cancel()

    async def aclose(self) -> None:
        """End the look, if there is one."""
        if self._looking is not None:
            await cancel_and_wait(self._looking)

    async def _look(self, request: Request) -> None:
        try:
            heard = await understand(self._engines.stt, request, aside=True)
            self._bus.publish(
                Event.TRANSCRIPT, text=heard.text, language=heard.language, final=False
            )
            words = heard.text.split()[:-_UNSURE_WORDS]
            if words:
                await self._engines.conversation.warm(" ".join(words))
        except HeisenbergError as exc:  # the turn itself tells what is wrong
            _log.warning("what is being said can't be made out ahead", error=str(exc))
