"""What is played to the wake word detector."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.bench.hearing import sounds
from heisenberg.bench.hearing.voices import Floats, Manner
from heisenberg.bench.hearing.wake_sounds import (
    BLOCK_S,
    BLOCKS,
    CONDITIONS,
    LOUD,
    Condition,
    WakeSounds,
)
from heisenberg.bench.hearing.wake_texts import NEAR_MISSES, SOUND_ALIKES, vocabulary

WORDS = ["the", "and", "harbour", "garden", "seven"]


class _Tone:
    """A ``Speaker`` whose every word is a tone of a tenth of a second."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str, manner: Manner) -> Floats:
        self.said.append(text)
        t = np.arange(round(0.1 * RATE_HZ * len(text.split()) / manner.speed)) / RATE_HZ
        return np.sin(2 * np.pi * 300 * manner.pitch * t)


def _sounds(seed: int = 1) -> WakeSounds:
    return WakeSounds(_Tone(), WORDS, seed=seed)


@pytest.mark.parametrize(
    "make",
    [
        lambda n, random: sounds.noise(n, "white", random),
        lambda n, random: sounds.noise(n, "pink", random),
        lambda n, random: sounds.noise(n, "brown", random),
        sounds.hum,
        sounds.knocks,
        sounds.music,
    ],
)
def test_other_sound_is_as_long_as_asked_and_neither_silent_nor_always_the_same(
    make: Callable[[int, np.random.Generator], Floats],
) -> None:
    one, other = (make(2 * RATE_HZ, np.random.default_rng(seed)) for seed in (1, 2))
    assert len(one) == 2 * RATE_HZ
    assert np.sqrt(np.mean(one**2)) == pytest.approx(1.0)
    assert not np.allclose(one, other)


@pytest.mark.parametrize("snr_db", [20.0, 5.0])
def test_noise_is_mixed_below_the_words_not_below_the_words_and_their_pauses(
    snr_db: float,
) -> None:
    word = np.sin(2 * np.pi * 300 * np.arange(RATE_HZ) / RATE_HZ)
    speech = np.concatenate((np.zeros(2 * RATE_HZ), word))
    noise = sounds.noise(len(speech), "white", np.random.default_rng(1))
    added = sounds.mixed(speech, noise, snr_db) - speech
    ratio = np.mean(word**2) / np.mean(added**2)
    assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.2)


def test_a_call_is_the_same_again_for_the_same_name_only() -> None:
    def call(name: str) -> np.ndarray:
        [piece] = _sounds().call("Hey Jarvis", CONDITIONS[1], name)
        assert piece.name.startswith("Hey Jarvis")
        return piece.pcm

    assert np.array_equal(call("call 1"), call("call 1"))
    assert not np.array_equal(call("call 1"), call("call 2"))


def test_calls_come_in_every_noise_at_every_level_and_5_db_stands_apart() -> None:
    assert len(CONDITIONS) == 13
    assert {condition.snr_db for condition in CONDITIONS[1:]} == {20.0, 15.0, 10.0}
    assert {condition.snr_db for condition in LOUD} == {5.0}


def test_calls_are_as_loud_as_a_microphone_hears_people() -> None:
    quiet = Condition("quiet", 40.0)
    peaks = [
        20 * np.log10(np.abs(piece.pcm.astype(float)).max() / 32767)
        for index in range(20)
        for piece in _sounds().call("Hey Jarvis", quiet, f"call {index}")
    ]
    assert -31.0 < min(peaks) < -24.0
    assert -12.0 < max(peaks) < -5.0


@pytest.mark.parametrize("index", [0, 1, 9])
def test_a_block_is_five_minutes_of_its_kind(index: int) -> None:
    pieces = list(_sounds().block(index))
    length_s = sum(len(piece.pcm) for piece in pieces) / RATE_HZ
    assert BLOCK_S <= length_s < BLOCK_S + 60
    if BLOCKS[index] == "near misses":
        found = {
            near for near in NEAR_MISSES for piece in pieces if near.lower() in piece.name.lower()
        }
        assert len(found) > len(NEAR_MISSES) * 0.9


def test_two_blocks_of_a_kind_are_not_alike() -> None:
    one, other = (
        [piece.name for piece in islice(_sounds().block(index), 40)] for index in (0, len(BLOCKS))
    )
    assert len(set(one) & set(other)) < 3


def test_nothing_that_is_no_call_holds_the_wake_word(tmp_path: Path) -> None:
    tokenizer = tmp_path / "tokenizer.json"
    vocab = {"Ġthe": 2, "ĠJarvis": 0, "Ġhey": 1, "Ġgarden": 3, "!": 4, "Ġof": 5}
    tokenizer.write_text(json.dumps({"model": {"vocab": vocab}}), encoding="utf-8")
    assert vocabulary(tokenizer, without=["Hey", "Jarvis"]) == ["the", "garden"]
    for index in (0, 1, 5):
        assert not any(
            "jarvis" in piece.name.lower() for piece in islice(_sounds().block(index), 30)
        )
    assert not set(SOUND_ALIKES) & set(NEAR_MISSES)
