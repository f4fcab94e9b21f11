"""A share of the turns answered by another model, to compare the two in use."""

from __future__ import annotations

import random
from collections.abc import Callable

import structlog

from heisenberg.core.errors import HeisenbergError
from heisenberg.llm.switch import SwitchableLLM

_log = structlog.get_logger(__name__)


class Trial:
    """Draws before each turn which of two models answers it; ``llm_complete`` tells which it was.

    It ends when somebody changes the model, or the other one can't be had.
    """

    def __init__(
        self,
        switch: SwitchableLLM,
        other: str,
        share: float,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """``share`` is that of ``other``, 0 to 1; ``draw`` gives numbers from 0 to below 1."""
        self._switch = switch
        self._usual = self._present = switch.info.name
        self._other = other
        self._share = share
        self._draw = draw
        self._ended = False

    async def choose(self) -> None:
        """To be called between two turns. Raises ``EngineError`` when the model is closed."""
        if self._ended or self._switch.info.name != self._present:
            self._ended = True
            return
        wanted = self._other if self._draw() < self._share else self._usual
        try:
            await self._switch.use(wanted)
        except HeisenbergError as exc:
            self._ended = True
            _log.warning("the other model is not tried any more", model=wanted, reason=str(exc))
        self._present = self._switch.info.name
