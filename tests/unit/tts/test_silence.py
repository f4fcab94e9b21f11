"""Silence around sentences."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import Pcm
from heisenberg.tts.silence import Trimmer

RATE_HZ = 1000
"""One sample is one millisecond."""


def _sentence(*, before_ms: int, sound_ms: int, after_ms: int) -> Pcm:
    sound = np.full(sound_ms, 9000, dtype=np.int16)
    # Piper's silence is not quite zero.
    return np.concatenate(
        (np.full(before_ms, 1, dtype=np.int16), sound, np.full(after_ms, -1, dtype=np.int16))
    )


def _edges(pcm: Pcm) -> tuple[int, int]:
    """Milliseconds before the first and after the last sound."""
    loud = np.flatnonzero(np.abs(pcm) > 100)
    return int(loud[0]), len(pcm) - 1 - int(loud[-1])


def test_the_ends_of_a_text_keep_a_hair_of_silence() -> None:
    spoken = Trimmer(RATE_HZ).push(_sentence(before_ms=70, sound_ms=300, after_ms=180))
    assert _edges(spoken) == (10, 20)
    assert len(spoken) == 330


def test_sound_without_silence_around_it_is_left_alone() -> None:
    sentence = _sentence(before_ms=0, sound_ms=50, after_ms=5)
    assert np.array_equal(Trimmer(RATE_HZ).push(sentence), sentence)


@pytest.mark.parametrize(
    ("after_ms", "before_ms", "gap_ms"),
    [(100, 60, 160), (180, 500, 250), (0, 0, 0), (20, 10, 30), (5, 3, 8)],
)
def test_the_silence_between_two_sentences_stays_up_to_a_quarter_second(
    after_ms: int, before_ms: int, gap_ms: int
) -> None:
    trimmer = Trimmer(RATE_HZ)
    text = np.concatenate(
        (
            trimmer.push(_sentence(before_ms=40, sound_ms=100, after_ms=after_ms)),
            trimmer.push(_sentence(before_ms=before_ms, sound_ms=100, after_ms=90)),
        )
    )
    assert np.count_nonzero(np.abs(text) <= 100) == 10 + gap_ms + 20
    assert np.count_nonzero(np.abs(text) > 100) == 200


def test_a_silent_sentence_adds_nothing_but_a_pause() -> None:
    trimmer = Trimmer(RATE_HZ)
    silent = np.zeros(120, dtype=np.int16)
    assert len(trimmer.push(silent)) == 0
    assert _edges(trimmer.push(_sentence(before_ms=30, sound_ms=100, after_ms=50)))[0] == 10
    assert len(trimmer.push(silent)) == 0
    later = trimmer.push(_sentence(before_ms=20, sound_ms=100, after_ms=0))
    # 30 ms were left of the sentence before, 120 are silent, 20 lead in.
    assert _edges(later)[0] == 170
