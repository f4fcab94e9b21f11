"""A turn detector that answers from a list."""

from __future__ import annotations

from collections.abc import Sequence

from heisenberg.audio.base import Pcm
from heisenberg.core.errors import EngineError


class ScriptedTurnDetector:
    """A ``TurnDetector`` that gives ``probabilities`` one after the other, the last one for ever.

    ``heard`` keeps every utterance it was asked about.
    """

    def __init__(self, probabilities: Sequence[float] = (0.95,)) -> None:
        self._left = list(probabilities)
        self.heard: list[Pcm] = []
        self.closed = False

    async def probability(self, utterance: Pcm) -> float:
        if self.closed:
            raise EngineError("The turn detector is closed.")
        self.heard.append(utterance)
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]

    async def aclose(self) -> None:
        self.closed = True
