"""Two recognisers are compared on the same utterances, in turns, by time and by words."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.hearing.stt import Comparison, Heard, SttReport, bench_stt
from heisenberg.bench.hearing.stt_sounds import (
    CLEAN,
    ESPEAK,
    MANNERS,
    NOISES,
    Utterance,
    utterances,
)
from heisenberg.bench.hearing.stt_texts import SENTENCES
from heisenberg.bench.hearing.voices import Floats, Manner
from heisenberg.core.errors import InputError


class Voice:
    """Says everything as one second of a tone; remembers what and how."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Manner]] = []

    def say(self, text: str, manner: Manner) -> Floats:
        self.said.append((text, manner))
        return np.sin(2 * np.pi * 440.0 * np.arange(RATE_HZ) / RATE_HZ)


class Side:
    """A recogniser that answers from a list, and enters its name in a common one."""

    def __init__(self, name: str, called: list[str], *texts: str) -> None:
        self._name = name
        self._called = called
        self._texts = [texts[0], *texts]  # the first utterance is heard before it counts
        self.heard: list[Pcm] = []

    async def __call__(self, utterance: Pcm) -> str:
        self._called.append(self._name)
        self.heard.append(utterance)
        return self._texts.pop(0)


def utterance(text: str) -> Utterance:
    return Utterance(text, "plain", CLEAN, np.full(RATE_HZ, len(text), np.int16))


def comparison(ours_s: float, plain_s: float, errors: tuple[int, int] = (0, 0)) -> Comparison:
    return Comparison(
        "Say it again.",
        100,
        "plain",
        CLEAN,
        1.0,
        Heard("say it again", ours_s, errors[0]),
        Heard("say it again", plain_s, errors[1]),
    )


async def test_both_sides_hear_the_same_and_take_turns_in_going_first() -> None:
    called: list[str] = []
    said = ("Wake me at six.", "Is it cold outside?", "Go home.")
    ours = Side("ours", called, "Wake me at 6", "is it called outside", "go home")
    plain = Side("plain", called, "wake me", "Is it cold outside?", "Go home.")
    shown: list[Comparison] = []
    report = await bench_stt(ours, plain, map(utterance, said), on_comparison=shown.append)
    assert called == ["ours", "plain", "ours", "plain", "plain", "ours", "ours", "plain"]
    assert all(np.array_equal(a, b) for a, b in zip(ours.heard, plain.heard, strict=True))
    assert tuple(shown) == report.comparisons
    assert [(one.ours.errors, one.plain.errors) for one in shown] == [(0, 2), (1, 0), (0, 0)]
    assert [one.ours.text for one in shown] == ["Wake me at 6", "is it called outside", "go home"]
    assert min(one.plain.took_s for one in shown) > 0.0


async def test_nothing_to_hear_is_an_error() -> None:
    with pytest.raises(InputError, match="nothing to recognise"):
        await bench_stt(Side("ours", [], ""), Side("plain", [], ""), [])


def test_times_are_compared_by_their_medians_and_words_by_all_of_them() -> None:
    report = SttReport(
        (
            comparison(0.1, 0.4, (3, 1)),
            comparison(0.2, 0.7, (0, 1)),
            comparison(0.9, 0.8, (0, 0)),
        )
    )
    found = report.as_dict()
    assert (found["utterances"], found["words"]) == (3, 300)
    assert (found["ours_s"]["p50"], found["plain_s"]["p50"]) == (0.2, 0.7)
    assert found["times_faster"] == 3.5
    assert (found["ours_wer"], found["plain_wer"]) == (0.01, 0.0067)
    assert found["wer_difference_points"] == 0.33
    assert found["by_noise"] == {CLEAN: {"words": 300, "ours": 3, "plain": 2}}


def test_how_sure_the_difference_is_depends_on_how_many_utterances_agree_on_it() -> None:
    def interval(*errors: tuple[int, int]) -> dict[str, float]:
        report = SttReport(tuple(comparison(0.1, 0.4, both) for both in errors))
        found: dict[str, float] = report.as_dict()["wer_difference_interval_points"]
        return found

    assert interval(*[(2, 1)] * 20) == {"low": 1.0, "high": 1.0}
    mixed = interval(*[(4, 0), (0, 2)] * 10)
    assert mixed["low"] < 1.0 < mixed["high"]
    more = interval(*[(4, 0), (0, 2)] * 100)
    assert mixed["low"] < more["low"] < 1.0 < more["high"] < mixed["high"]


def test_there_are_a_hundred_different_things_to_say() -> None:
    assert len({sentence.lower() for sentence in SENTENCES}) == 100
    made = [one.text for one in utterances(Voice(), None, 101)]
    assert sorted(made[:100]) == sorted(SENTENCES)
    assert made[100] == made[0]


def test_every_voice_is_heard_in_every_noise_and_a_third_has_none() -> None:
    espeak = Voice()
    made = list(utterances(Voice(), espeak, 60))
    levels = {f"{kind} {level} dB" for kind in NOISES for level in (20, 10)}
    heard = {(one.voice, one.noise) for one in made}
    assert heard == {(voice, noise) for voice in (*MANNERS, ESPEAK) for noise in (CLEAN, *levels)}
    assert sum(one.noise == CLEAN for one in made) == 20
    assert len(espeak.said) == 12
    without = {one.voice for one in utterances(Voice(), None, 8)}
    assert without == set(MANNERS)


def test_the_noise_is_as_loud_as_it_says_and_the_same_every_time() -> None:
    made = list(utterances(Voice(), None, 24))
    quiet = slice(0, RATE_HZ // 10)  # before the words
    for one in made:
        before = float(np.sqrt(np.mean(one.pcm[quiet].astype(np.float64) ** 2)))
        spoken = float(np.sqrt(np.mean(one.pcm[RATE_HZ // 2 : RATE_HZ].astype(np.float64) ** 2)))
        if one.noise == CLEAN:
            assert before == 0.0
            continue
        snr_db = 20.0 * np.log10(spoken / before)
        assert snr_db == pytest.approx(float(one.noise.split()[-2]), abs=4.0)
    again = list(utterances(Voice(), None, 24))
    assert all(np.array_equal(a.pcm, b.pcm) for a, b in zip(made, again, strict=True))
