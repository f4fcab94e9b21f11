"""The end of a turn, judged by smart-turn: a network that goes by how the words sound."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.log_mel import log_mel
from heisenberg.machine.native import Native, damaged
from heisenberg.machine.onnx import Session, open_session

_WINDOW_S: Final = 8


class SmartTurn:
    """A ``TurnDetector`` that looks at the last 8 s of the turn (smart-turn v3)."""

    def __init__(self, network: Native[Session]) -> None:
        self._network = network

    @classmethod
    async def load(cls, model: Path) -> Self:
        """On one thread: it judges while the recogniser works on the other cores.

        Raises ``ModelMissing``, ``LoadFailed``.
        """
        return cls(await Native.open("turn detector", lambda: _open(model)))

    async def probability(self, utterance: Pcm) -> float:
        return await self._network.run(lambda session: _complete(session, utterance))

    async def aclose(self) -> None:
        await self._network.aclose()


def _open(model: Path) -> Session:
    session = open_session(model)
    try:
        _complete(session, np.zeros(0, dtype=np.int16))
    except Exception as exc:
        raise damaged(model) from exc
    return session


def _complete(session: Session, utterance: Pcm) -> float:
    window = np.zeros(_WINDOW_S * RATE_HZ, dtype=np.float32)
    heard = utterance[-len(window) :]
    window[len(window) - len(heard) :] = heard / np.float32(32768)
    return float(session.run(None, {"input_features": log_mel(window)[None]})[0].item())
