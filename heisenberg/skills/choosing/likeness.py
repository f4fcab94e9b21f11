"""What a sentence is like, by examples of everything that may be meant."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from heisenberg.knowledge.base import Embedder
from heisenberg.skills.choosing.kept import keep_learnt, read_learnt
from heisenberg.skills.choosing.regression import Learnt
from heisenberg.skills.choosing.sayings import Saying, sayings

_FILE: Final = "learnt.npz"
_VERSION: Final = "1"
"""Of how it is learnt."""
_END: Final = " .,!?…"


@dataclass(frozen=True, slots=True)
class Alike:
    """How likely each thing is meant (``skill.action``, or talk), from 0 to about 1; in which
    language; the examples, the nearest first; and, as cosines, how near it comes to that, and to
    what others say of their tools."""

    likely: Mapping[str, float]
    language: str
    examples: Sequence[Saying]
    nearest: float
    described: Mapping[str, float]


class Likeness:
    """Knows the examples of some languages."""

    def __init__(
        self, embedder: Embedder, languages: Sequence[str], folder: Path | None = None
    ) -> None:
        """``folder`` is where what is learnt is kept. Reads files. Raises ``ConfigError``."""
        self._embedder = embedder
        self._languages = languages
        self._file = folder / _FILE if folder else None
        self.sayings = [(one, language) for language in languages for one in sayings(language)]
        self._learnt: Learnt | None = None
        self._learning = asyncio.Lock()

    async def learn(self) -> Learnt:
        """Once; some seconds, unless it is kept. Raises ``EngineError``."""
        async with self._learning:
            if self._learnt is None:
                self._learnt = await self._kept_or_new()
        return self._learnt

    async def of(self, text: str, described: Mapping[str, str]) -> Alike:
        """What ``text`` is like. ``described`` says what actions do that have no examples.

        Raises ``EngineError``.
        """
        learnt = await self.learn()
        asked = text.strip(_END)
        vectors = np.asarray(await self._embedder.embed([asked, *described.values()]), np.float32)
        cosines = learnt.vectors @ vectors[0]
        likely = dict(learnt.likely(asked, cosines))
        languages = {one: likely.pop(one) for one in self._languages}
        tools = (vectors[1:] @ vectors[0]).tolist()
        return Alike(
            likely,
            max(languages, key=lambda one: languages[one]),
            [self.sayings[at][0] for at in np.argsort(-cosines)],
            float(cosines.max()),
            dict(zip(described, tools, strict=True)),
        )

    async def _kept_or_new(self) -> Learnt:
        texts = [one.said.strip(_END) for one, _ in self.sayings]
        labels = [(one.key, language) for one, language in self.sayings]
        told = [_VERSION, self._embedder.name, *texts, *map(str, labels)]
        key = hashlib.sha256("\n".join(told).encode()).hexdigest()
        kept = await asyncio.to_thread(read_learnt, self._file, key) if self._file else None
        if kept is not None:
            return kept
        vectors = np.asarray(await self._embedder.embed(texts), np.float32)
        learnt = await asyncio.to_thread(Learnt.of, texts, vectors, labels)
        if self._file is not None:
            await asyncio.to_thread(keep_learnt, self._file, key, learnt)
        return learnt
