"""Which of the things that may be meant a sentence is likest to, learnt from examples of each.

Kernel ridge regression on what examples mean and on how they are spelled: unlike the nearest
example alone it weighs all of them, so that one unlucky neighbour does not decide.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.base import Embedder
from heisenberg.skills.choosing.meanings import Rows, meanings
from heisenberg.skills.choosing.sayings import TALK, Saying, sayings

_STEEPNESS: Final = 2.0
"""How fast an example counts less the less it means the same."""
_SPELLING: Final = 0.3
"""How much spelling counts beside meaning."""
_RIDGE: Final = 0.1
_GRAMS: Final = range(3, 6)
"""Characters."""
_HASHED: Final = 4096
"""Dimensions of what spelling is hashed into."""
_END: Final = " .,!?…"


@dataclass(frozen=True, slots=True)
class Alike:
    """How likely each thing is meant (``skill.action``, or talk): 0 is not at all, 1 is an example
    itself; in which language; the examples, the nearest first; and, as cosines, how near it comes
    to that, and to what others say of their tools."""

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
        """``folder`` is where what examples mean is kept. Reads files. Raises ``ConfigError``."""
        self._embedder = embedder
        self._folder = folder
        self.sayings = [(one, language) for language in languages for one in sayings(language)]
        self._learnt: _Learnt | None = None
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        """Raises ``EngineError``."""
        await self._known()

    async def of(self, text: str, described: Mapping[str, str]) -> Alike:
        """What ``text`` is like. ``described`` says what actions do that have no examples.

        Raises ``EngineError``.
        """
        learnt = await self._known()
        asked = text.strip(_END)
        vectors = np.asarray(await self._embedder.embed([asked, *described.values()]), np.float32)
        near = vectors[1:] @ vectors[0]
        cosines = learnt.vectors @ vectors[0]
        likely, language = learnt.likely(asked, cosines)
        examples = [self.sayings[at][0] for at in np.argsort(-cosines)]
        tools = dict(zip(described, near.tolist(), strict=True))
        return Alike(likely, language, examples, float(cosines.max()), tools)

    async def _known(self) -> _Learnt:
        async with self._learning:
            if self._learnt is None:
                texts = [one.said.strip(_END) for one, _ in self.sayings]
                vectors = await meanings(texts, self._embedder, self._folder)
                labels = [(one.key, language) for one, language in self.sayings]
                self._learnt = await asyncio.to_thread(_learn, texts, vectors, labels)
        return self._learnt


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What was learnt of examples: for each label (a thing that may be meant, or a language) a
    weight of every example's meaning, and of every hashed piece of spelling."""

    keys: Sequence[str]
    languages: Sequence[str]
    vectors: Rows
    rarity: Rows
    by_meaning: Rows
    by_spelling: Rows

    def likely(self, text: str, cosines: Rows) -> tuple[Mapping[str, float], str]:
        """How likely each thing is meant by ``text``, which comes so near to each example; and the
        likeliest language."""
        spelled = _spelled([text]) * self.rarity
        spelled /= max(float(np.linalg.norm(spelled)), 1.0)
        scores = np.exp(_STEEPNESS * (cosines - 1)) @ self.by_meaning
        scores += (spelled @ self.by_spelling)[0]
        language = self.languages[int(np.argmax(scores[len(self.keys) :]))]
        return dict(zip(self.keys, scores.tolist(), strict=False)), language


def _learn(texts: Sequence[str], vectors: Rows, labels: Sequence[tuple[str, str]]) -> _Learnt:
    keys = sorted({key for key, _ in labels} | {TALK})
    languages = sorted({language for _, language in labels})
    spelled = _spelled(texts)
    rarity = np.log(len(texts) / np.maximum(1, np.count_nonzero(spelled, axis=0, keepdims=True)))
    rarity = rarity.astype(np.float32)
    spelled *= rarity
    spelled /= np.maximum(np.linalg.norm(spelled, axis=1, keepdims=True), 1e-6)
    kernel = np.exp(_STEEPNESS * (vectors @ vectors.T - 1)) + _SPELLING * (spelled @ spelled.T)
    kernel[np.diag_indices_from(kernel)] += _RIDGE
    wanted = np.zeros((len(texts), len(keys) + len(languages)), np.float32)
    for row, (key, language) in enumerate(labels):
        wanted[row, keys.index(key)] = wanted[row, len(keys) + languages.index(language)] = 1.0
    weights = np.linalg.solve(kernel, wanted).astype(np.float32)
    by_spelling = _SPELLING * (spelled.T @ weights)
    return _Learnt(keys, languages, vectors, rarity, weights, by_spelling)


def _spelled(texts: Sequence[str]) -> Rows:
    """Which pieces of a few characters each of ``texts`` has, a row each."""
    rows = np.zeros((len(texts), _HASHED), np.float32)
    for row, text in enumerate(texts):
        words = f" {bare_words(text)} "
        for size in _GRAMS:
            for at in range(len(words) - size + 1):
                rows[row, zlib.crc32(words[at : at + size].encode()) % _HASHED] = 1.0
    return rows
