"""Our recogniser against faster-whisper with its defaults, on the same model file.

Both hear the same utterances in the same run, alternating who goes first.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.hearing.stt_sounds import Utterance
from heisenberg.bench.hearing.words import word_errors, words
from heisenberg.core.errors import InputError

Recogniser: TypeAlias = Callable[[Pcm], Awaitable[str]]
"""Gives the words of an utterance at 16 kHz."""

_DRAWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What one side made of an utterance, and in what time."""

    text: str
    took_s: float
    errors: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One utterance on both sides; ``errors`` are counted against ``said``, of ``words`` words."""

    said: str
    words: int
    voice: str
    noise: str
    length_s: float
    ours: Heard
    plain: Heard


@dataclass(frozen=True, slots=True)
class SttReport:
    """At least one utterance; word error rates are shares of all words that were said."""

    comparisons: tuple[Comparison, ...]

    def as_dict(self) -> dict[str, Any]:
        ours_s = _quantiles([one.ours.took_s for one in self.comparisons])
        plain_s = _quantiles([one.plain.took_s for one in self.comparisons])
        said = sum(one.words for one in self.comparisons)
        ours = sum(one.ours.errors for one in self.comparisons)
        plain = sum(one.plain.errors for one in self.comparisons)
        return {
            "utterances": len(self.comparisons),
            "words": said,
            "longest_s": max(one.length_s for one in self.comparisons),
            "ours_s": ours_s,
            "plain_s": plain_s,
            "times_faster": round(plain_s["p50"] / ours_s["p50"], 2),
            "ours_wer": round(ours / said, 4),
            "plain_wer": round(plain / said, 4),
            "wer_difference_points": round(100.0 * (ours - plain) / said, 2),
            "wer_difference_interval_points": self._interval_points(),
            "by_noise": self._errors_by(lambda one: one.noise),
            "by_voice": self._errors_by(lambda one: one.voice),
            "comparisons": [asdict(one) for one in self.comparisons],
        }

    def _interval_points(self) -> dict[str, float]:
        """Where the difference lies with 95 % certainty: the bootstrap over utterances.

        Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance
        evaluation", 2004.
        """
        said = np.array([one.words for one in self.comparisons])
        more = np.array([one.ours.errors - one.plain.errors for one in self.comparisons])
        drawn = np.random.default_rng(0).integers(0, len(said), (_DRAWS, len(said)))
        points = 100.0 * more[drawn].sum(axis=1) / said[drawn].sum(axis=1)
        low, high = (round(float(bound), 2) for bound in np.percentile(points, (2.5, 97.5)))
        return {"low": low, "high": high}

    def _errors_by(self, key: Callable[[Comparison], str]) -> dict[str, dict[str, int]]:
        """Words that were said, and those that each side got wrong."""
        found: dict[str, dict[str, int]] = {}
        for one in self.comparisons:
            counts = found.setdefault(key(one), {"words": 0, "ours": 0, "plain": 0})
            counts["words"] += one.words
            counts["ours"] += one.ours.errors
            counts["plain"] += one.plain.errors
        return found


async def bench_stt(
    ours: Recogniser,
    plain: Recogniser,
    utterances: Iterable[Utterance],
    *,
    on_comparison: Callable[[Comparison], None] = lambda _comparison: None,
) -> SttReport:
    """Let both sides hear every utterance. Raises ``InputError`` when there is none."""
    comparisons: list[Comparison] = []
    for index, utterance in enumerate(utterances):
        if index == 0:  # buffers are made on first use
            await ours(utterance.pcm)
            await plain(utterance.pcm)
        if index % 2 == 0:
            of_ours = await _hear(ours, utterance)
            of_plain = await _hear(plain, utterance)
        else:
            of_plain = await _hear(plain, utterance)
            of_ours = await _hear(ours, utterance)
        comparisons.append(
            Comparison(
                utterance.text,
                len(words(utterance.text)),
                utterance.voice,
                utterance.noise,
                round(len(utterance.pcm) / RATE_HZ, 2),
                of_ours,
                of_plain,
            )
        )
        on_comparison(comparisons[-1])
    if not comparisons:
        raise InputError("There is nothing to recognise.", "Give at least one utterance.")
    return SttReport(tuple(comparisons))


async def _hear(recogniser: Recogniser, utterance: Utterance) -> Heard:
    began_s = time.perf_counter()
    text = await recogniser(utterance.pcm)
    took_s = time.perf_counter() - began_s
    return Heard(text, took_s, word_errors(utterance.text, text))


def _quantiles(values: Iterable[float]) -> dict[str, float]:
    p50, p90, p95 = (round(float(value), 4) for value in np.percentile([*values], (50, 90, 95)))
    return {"p50": p50, "p90": p90, "p95": p95}
