"""How like what is said is to examples of what may be meant, by the meaning of both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from heisenberg.knowledge.base import Embedder
from heisenberg.skills.choosing.sayings import sayings

_FIRST: Final = 0.7
"""How much the nearest example counts, beside the second: that tells it from a word in common."""


@dataclass(frozen=True, slots=True)
class Alike:
    """As cosines: what is like each action (``skill.action``), the likest first, and talk; and the
    language of the nearest example."""

    wishes: Mapping[str, float]
    talk: float
    language: str


class Likeness:
    """Knows the examples of some languages."""

    def __init__(self, embedder: Embedder, languages: Sequence[str]) -> None:
        """Reads files. Raises ``ConfigError``."""
        self._embedder = embedder
        self.sayings = [(one, language) for language in languages for one in sayings(language)]
        self._vectors: npt.NDArray[np.float32] | None = None
        self._learning = asyncio.Lock()

    async def learn(self) -> npt.NDArray[np.float32]:
        """What the examples mean, a row each. Raises ``EngineError``."""
        async with self._learning:
            if self._vectors is None:
                self._vectors = await self._meanings([one.said for one, _ in self.sayings])
        return self._vectors

    async def of(self, text: str, described: Mapping[str, str]) -> Alike:
        """What ``text`` is like. ``described`` says what actions do that have no examples; it is
        taken for one. Raises ``EngineError``."""
        vectors = await self.learn()
        first, *others = await self._meanings([text, *described.values()])
        likeness = vectors @ first
        order = np.argsort(-likeness)
        alike: dict[str, list[float]] = {}
        for at in order:
            alike.setdefault(self.sayings[at][0].key, []).append(float(likeness[at]))
        best = {key: _weighed(found) for key, found in alike.items()}
        talk = best.pop("", -1.0)
        best |= {key: float(one @ first) for key, one in zip(described, others, strict=True)}
        best = dict(sorted(best.items(), key=lambda one: -one[1]))
        return Alike(best, talk, self.sayings[order[0]][1])

    async def _meanings(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.asarray(await self._embedder.embed(texts), dtype=np.float32)


def _weighed(found: Sequence[float]) -> float:
    return _FIRST * found[0] + (1 - _FIRST) * found[min(1, len(found) - 1)]
