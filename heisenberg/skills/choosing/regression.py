"""What was learnt of examples: how likely each thing is meant by a sentence.

Kernel ridge regression on what examples mean and on how they are spelled: unlike the nearest
example alone it weighs all of them, so that one unlucky neighbour does not decide.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from heisenberg.core.word_lists import bare_words

Rows: TypeAlias = npt.NDArray[np.float32]

_STEEPNESS: Final = 2.0
"""How fast an example counts less the less it means the same."""
_SPELLING: Final = 0.3
"""How much spelling counts beside meaning."""
_RIDGE: Final = 0.1
_GRAMS: Final = range(3, 6)
"""Characters."""
_HASHED: Final = 4096
"""Dimensions of what spelling is hashed into."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """For each of ``labels`` a weight of every example's meaning, and of every hashed piece of
    spelling, which counts by its ``rarity``. ``vectors`` are the meanings, of length 1, a row for
    each example."""

    labels: Sequence[str]
    vectors: Rows
    rarity: Rows
    by_meaning: Rows
    by_spelling: Rows

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Rows, labels: Sequence[Sequence[str]]) -> Learnt:
        """Learn from examples that have one or several labels each; blocks for about a second."""
        names = sorted({label for some in labels for label in some})
        wanted = np.zeros((len(texts), len(names)), np.float32)
        for row, some in enumerate(labels):
            wanted[row, [names.index(label) for label in some]] = 1.0
        spelled = _spelled(texts)
        having = np.maximum(1, np.count_nonzero(spelled, axis=0))
        rarity = np.log(len(texts) / having).astype(np.float32)
        spelled *= rarity
        spelled /= np.maximum(np.linalg.norm(spelled, axis=1, keepdims=True), 1e-6)
        kernel = np.exp(_STEEPNESS * (vectors @ vectors.T - 1)) + _SPELLING * (spelled @ spelled.T)
        kernel[np.diag_indices_from(kernel)] += _RIDGE
        weights = np.linalg.solve(kernel, wanted).astype(np.float32)
        return cls(names, vectors, rarity, weights, _SPELLING * (spelled.T @ weights))

    def likely(self, text: str, cosines: Rows) -> Mapping[str, float]:
        """How likely each label is ``text``'s, which comes so near to each example: 0 is not at
        all, 1 is an example itself."""
        spelled = _spelled([text])[0] * self.rarity
        spelled /= max(float(np.linalg.norm(spelled)), 1e-6)
        scores = np.exp(_STEEPNESS * (cosines - 1)) @ self.by_meaning + spelled @ self.by_spelling
        return dict(zip(self.labels, scores.tolist(), strict=True))


def _spelled(texts: Sequence[str]) -> Rows:
    """Which pieces of a few characters each of ``texts`` has, a row each."""
    rows = np.zeros((len(texts), _HASHED), np.float32)
    for row, text in enumerate(texts):
        words = f" {bare_words(text)} "
        for size in _GRAMS:
            for at in range(len(words) - size + 1):
                rows[row, zlib.crc32(words[at : at + size].encode()) % _HASHED] = 1.0
    return rows
