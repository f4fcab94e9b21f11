"""When an utterance begins and ends, in seconds of sound."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.endpoint import Endpointer
from heisenberg.audio.utterance import (
    Answer,
    Decision,
    EndReason,
    HeardFrame,
    NothingHeard,
    Paused,
    Speaking,
    SpeechStarted,
    Utterance,
    WentOn,
)
from heisenberg.core.config.turn import TurnConfig

FRAME = 320
FRAME_S = FRAME / RATE_HZ
CONFIG = TurnConfig(pause_s=0.2, max_pause_s=1.2, max_utterance_s=10.0, draft=False, look_s=0.0)
DRAFTING = CONFIG.model_copy(update={"draft": True})


class Judge:
    """A turn detector that answers from a list and remembers how much it was shown."""

    def __init__(self, *answers: float) -> None:
        self.answers = list(answers)
        self.shown_s: list[float] = []

    async def probability(self, utterance: Pcm) -> float:
        self.shown_s.append(len(utterance) / RATE_HZ)
        return self.answers.pop(0)

    async def aclose(self) -> None:
        self.answers.clear()


def frames(*parts: tuple[str, float], start_s: float = 0.0) -> list[HeardFrame]:
    """Frames of voice (``v``), silence (``.``) from ``start_s`` on."""
    out: list[HeardFrame] = []
    for kind, seconds in parts:
        for _ in range(round(seconds / FRAME_S)):
            speech = 0.9 if kind == "v" else 0.02
            value = 1000 if kind == "v" else 0
            t_s = start_s + len(out) * FRAME_S
            out.append(HeardFrame(np.full(FRAME, value, np.int16), t_s, speech))
    return out


async def feed(endpointer: Endpointer, heard: list[HeardFrame]) -> list[tuple[float, Decision]]:
    """Every decision with the time at which it was taken, up to the last one."""
    decisions: list[tuple[float, Decision]] = []
    for frame in heard:
        decision = await endpointer.push(frame)
        if decision is not None:
            decisions.append((round(frame.end_s, 3), decision))
            if isinstance(decision, (Utterance, NothingHeard)):
                break
    return decisions


def listening(judge: Judge, config: TurnConfig = CONFIG, *, wait_s: float = 3.0) -> Endpointer:
    return Endpointer(config, judge, listen_from_s=0.0, wait_for_speech_s=wait_s)


async def test_a_complete_turn_ends_after_the_short_pause() -> None:
    endpointer = listening(Judge(0.9))
    (start, end) = await feed(endpointer, frames((".", 0.5), ("v", 1.0), (".", 2.0)))
    assert isinstance(start[1], SpeechStarted)
    assert start[1].voiced_start_s == pytest.approx(0.5)
    at_s, utterance = end
    assert at_s == pytest.approx(1.5 + CONFIG.pause_s, abs=FRAME_S)
    assert isinstance(utterance, Utterance)
    assert utterance.reason is EndReason.COMPLETE
    assert utterance.voiced_end_s == pytest.approx(1.5)


async def test_the_utterance_is_its_voice_with_a_little_margin() -> None:
    endpointer = listening(Judge(0.9))
    decisions = await feed(endpointer, frames((".", 2.0), ("v", 1.0), (".", 2.0)))
    utterance = decisions[-1][1]
    assert isinstance(utterance, Utterance)
    voiced = np.flatnonzero(utterance.pcm)
    assert len(voiced) == RATE_HZ
    assert voiced[0] / RATE_HZ <= 0.35
    assert (len(utterance.pcm) - voiced[-1]) / RATE_HZ <= 0.25


async def test_a_turn_that_sounds_unfinished_waits_for_the_rest() -> None:
    judge = Judge(0.1, 0.9)
    endpointer = listening(judge)
    heard = frames(("v", 1.0), (".", 0.4), ("v", 1.0), (".", 2.0))
    at_s, utterance = (await feed(endpointer, heard))[-1]
    assert at_s == pytest.approx(2.4 + CONFIG.pause_s, abs=FRAME_S)
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_start_s == pytest.approx(0.0)
    assert judge.shown_s[1] > judge.shown_s[0] + 1.0


async def test_a_turn_that_never_sounds_complete_ends_at_the_long_pause() -> None:
    judge = Judge(0.01)
    at_s, utterance = (await feed(listening(judge), frames(("v", 1.0), (".", 3.0))))[-1]
    assert at_s == pytest.approx(1.0 + CONFIG.max_pause_s, abs=FRAME_S)
    assert isinstance(utterance, Utterance)
    assert utterance.reason is EndReason.PAUSE


async def test_endless_speech_is_cut_at_the_limit() -> None:
    at_s, utterance = (await feed(listening(Judge()), frames(("v", 20.0))))[-1]
    assert at_s == pytest.approx(CONFIG.max_utterance_s, abs=FRAME_S)
    assert isinstance(utterance, Utterance)
    assert utterance.reason is EndReason.LIMIT


async def test_silence_is_nothing_heard_after_the_bound() -> None:
    at_s, decision = (await feed(listening(Judge()), frames((".", 10.0))))[-1]
    assert isinstance(decision, NothingHeard)
    assert at_s == pytest.approx(3.0, abs=FRAME_S)


async def test_clicks_are_not_speech() -> None:
    clicks = frames(*[(".", 0.3), ("v", 0.06)] * 20)
    decisions = await feed(listening(Judge()), clicks)
    assert [type(decision) for _, decision in decisions] == [NothingHeard]


async def test_someone_who_begins_just_before_the_bound_is_heard_out() -> None:
    judge = Judge(0.9)
    at_s, decision = (await feed(listening(judge), frames((".", 2.9), ("v", 1.0), (".", 1.0))))[-1]
    assert isinstance(decision, Utterance)
    assert at_s > 3.9


async def test_words_in_one_breath_with_the_wake_word_are_kept() -> None:
    breath = frames((".", 0.7), ("v", 0.8))
    endpointer = Endpointer(
        CONFIG, Judge(0.9), pre_roll=breath, listen_from_s=1.5, wait_for_speech_s=3.0
    )
    heard = frames(("v", 1.0), (".", 1.0), start_s=1.5)
    utterance = (await feed(endpointer, heard))[-1][1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_start_s == pytest.approx(0.7)
    assert len(np.flatnonzero(utterance.pcm)) == round(1.8 * RATE_HZ)


async def test_the_wake_word_alone_is_no_turn() -> None:
    """Its tail may still sound when it is recognised; then the bound decides."""
    endpointer = Endpointer(
        CONFIG,
        Judge(),
        pre_roll=frames((".", 0.7), ("v", 0.8)),
        listen_from_s=1.65,
        wait_for_speech_s=3.0,
    )
    decisions = await feed(endpointer, frames(("v", 0.16), (".", 6.0), start_s=1.5))
    assert [type(decision) for _, decision in decisions] == [NothingHeard]


async def test_a_pause_after_the_wake_word_leaves_it_out() -> None:
    endpointer = Endpointer(
        CONFIG,
        Judge(0.9),
        pre_roll=frames((".", 0.7), ("v", 0.8)),
        listen_from_s=1.65,
        wait_for_speech_s=5.0,
    )
    heard = frames((".", 2.0), ("v", 1.0), (".", 1.0), start_s=1.5)
    utterance = (await feed(endpointer, heard))[-1][1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_start_s == pytest.approx(3.5)
    assert len(np.flatnonzero(utterance.pcm)) == RATE_HZ


async def test_older_talk_in_the_pre_roll_is_left_out() -> None:
    endpointer = Endpointer(
        CONFIG,
        Judge(0.9),
        pre_roll=frames(("v", 0.4), (".", 0.8), ("v", 0.7)),
        listen_from_s=1.9,
        wait_for_speech_s=3.0,
    )
    utterance = (await feed(endpointer, frames(("v", 1.0), (".", 1.0), start_s=1.9)))[-1][1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_start_s == pytest.approx(1.2)


async def test_while_the_key_is_held_silence_ends_nothing() -> None:
    endpointer = Endpointer(CONFIG, Judge(), listen_from_s=0.0, wait_for_speech_s=9.0, held=True)
    decisions = await feed(endpointer, frames((".", 4.0), ("v", 1.0), (".", 3.0)))
    assert [type(decision) for _, decision in decisions] == [SpeechStarted]
    released = endpointer.release()
    assert isinstance(released, Utterance)
    assert released.reason is EndReason.RELEASED
    assert len(np.flatnonzero(released.pcm)) == RATE_HZ


async def test_a_key_that_is_stuck_ends_with_what_was_said() -> None:
    endpointer = Endpointer(CONFIG, Judge(), listen_from_s=0.0, wait_for_speech_s=3.0, held=True)
    decisions = await feed(endpointer, frames((".", 1.0), ("v", 1.0), (".", 3.0)))
    at_s, utterance = decisions[-1]
    assert isinstance(utterance, Utterance)
    assert utterance.reason is EndReason.LIMIT
    assert at_s == pytest.approx(3.0, abs=0.05)


async def test_a_stuck_key_and_silence_is_nothing_heard() -> None:
    endpointer = Endpointer(CONFIG, Judge(), listen_from_s=0.0, wait_for_speech_s=3.0, held=True)
    decisions = await feed(endpointer, frames((".", 3.5)))
    assert [type(decision) for _, decision in decisions] == [NothingHeard]


async def test_an_utterance_that_has_begun_before_needs_no_more_voice() -> None:
    """It interrupted a reply: what was heard meanwhile is its beginning, and may be all of it."""
    before = frames((".", 0.3), ("v", 0.5), (".", 0.3))
    endpointer = Endpointer(
        CONFIG, Judge(1.0), pre_roll=before, listen_from_s=0.0, wait_for_speech_s=2.0, begun=True
    )
    decisions = await feed(endpointer, frames((".", 1.0), start_s=1.1))
    (_, utterance) = decisions[-1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_start_s == pytest.approx(0.3, abs=0.04)
    assert len(np.flatnonzero(utterance.pcm)) == pytest.approx(0.5 * RATE_HZ, abs=600)


async def test_a_key_released_without_a_word_is_nothing_heard() -> None:
    endpointer = Endpointer(CONFIG, Judge(), listen_from_s=0.0, wait_for_speech_s=3.0, held=True)
    await feed(endpointer, frames((".", 1.0)))
    assert isinstance(endpointer.release(), NothingHeard)


async def test_a_soft_end_that_the_detector_misses_belongs_to_the_words() -> None:
    """A final "s" is below the detector's threshold and above the silence of the room."""
    heard = frames(("v", 1.0), (".", 1.0))
    soft = range(round(1.0 / FRAME_S), round(1.14 / FRAME_S))
    for index in soft:
        frame = heard[index]
        heard[index] = HeardFrame(np.full(FRAME, 300, np.int16), frame.t_s, frame.speech)
    utterance = (await feed(listening(Judge(0.9)), heard))[-1][1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_end_s == pytest.approx(1.14, abs=0.01)
    assert np.flatnonzero(utterance.pcm)[-1] == round(1.14 * RATE_HZ) - 1


async def test_in_steady_noise_the_detector_decides_where_the_words_end() -> None:
    noise = np.random.default_rng(5).normal(0, 500, FRAME).astype(np.int16)
    heard = [
        HeardFrame(frame.pcm + noise, frame.t_s, frame.speech)
        for frame in frames(("v", 1.0), (".", 1.0))
    ]
    utterance = (await feed(listening(Judge(0.9)), heard))[-1][1]
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_end_s == pytest.approx(1.0, abs=0.02)


def kinds(decisions: list[tuple[float, Decision]]) -> list[type]:
    return [type(decision) for _, decision in decisions]


async def test_a_short_pause_is_told_before_the_turn_is_over() -> None:
    heard = frames(("v", 1.0), (".", 2.0))
    decisions = await feed(listening(Judge(0.9), DRAFTING), heard)
    assert kinds(decisions) == [SpeechStarted, Paused, Utterance]
    (paused_s, paused), (over_s, utterance) = decisions[1:]
    assert paused_s == pytest.approx(1.0 + DRAFTING.draft_pause_s, abs=FRAME_S)
    assert over_s == pytest.approx(1.0 + DRAFTING.pause_s, abs=FRAME_S)
    assert isinstance(paused, Paused)
    assert isinstance(utterance, Utterance)
    assert np.count_nonzero(paused.utterance.pcm) == np.count_nonzero(utterance.pcm)


async def test_every_pause_is_told_and_that_the_user_goes_on_after_it() -> None:
    heard = frames(("v", 1.0), (".", 0.18), ("v", 0.5), (".", 0.18), ("v", 0.5), (".", 2.0))
    decisions = await feed(listening(Judge(0.9, 0.9, 0.9), DRAFTING), heard)
    assert kinds(decisions) == [SpeechStarted, Paused, WentOn, Paused, WentOn, Paused, Utterance]
    assert decisions[2][0] == pytest.approx(1.18 + 0.06, abs=FRAME_S)
    last = decisions[-1][1]
    assert isinstance(last, Utterance)
    assert np.count_nonzero(last.pcm) == 2 * RATE_HZ


async def test_a_click_in_a_pause_does_not_count_as_going_on() -> None:
    heard = frames(("v", 1.0), (".", 0.15), ("v", 0.04), (".", 2.0))
    assert WentOn not in kinds(await feed(listening(Judge(0.9, 0.9), DRAFTING), heard))


async def test_while_the_key_is_held_pauses_are_told_all_the_same() -> None:
    endpointer = Endpointer(DRAFTING, Judge(), listen_from_s=0.0, wait_for_speech_s=9.0, held=True)
    decisions = await feed(endpointer, frames(("v", 1.0), (".", 3.0), ("v", 0.5)))
    assert kinds(decisions) == [SpeechStarted, Paused, WentOn]


async def test_a_complete_turn_is_not_over_before_its_answer_is_ready() -> None:
    """Until then nothing is gained by it, and the user may still go on."""
    ready = [False] * 20 + [True] * 100
    judge = Judge(0.9)
    endpointer = Endpointer(
        DRAFTING,
        judge,
        listen_from_s=0.0,
        wait_for_speech_s=3.0,
        answer=lambda: Answer(ready.pop(0)),
    )
    at_s, utterance = (await feed(endpointer, frames(("v", 1.0), (".", 3.0))))[-1]
    assert at_s == pytest.approx(1.0 + 0.2 + 20 * FRAME_S, abs=4 * FRAME_S)
    assert isinstance(utterance, Utterance)
    assert utterance.reason is EndReason.COMPLETE
    assert len(judge.shown_s) == 1


async def test_an_answer_that_takes_long_is_not_waited_for_beyond_the_long_pause() -> None:
    endpointer = Endpointer(
        DRAFTING,
        Judge(0.9),
        listen_from_s=0.0,
        wait_for_speech_s=3.0,
        answer=lambda: Answer(ready=False),
    )
    at_s, _ = (await feed(endpointer, frames(("v", 1.0), (".", 3.0))))[-1]
    assert at_s == pytest.approx(1.0 + DRAFTING.max_pause_s, abs=FRAME_S)


async def test_who_goes_on_while_the_answer_is_prepared_is_heard_out() -> None:
    ready = [False] * 12
    endpointer = Endpointer(
        DRAFTING,
        Judge(0.9, 0.9),
        listen_from_s=0.0,
        wait_for_speech_s=3.0,
        answer=lambda: Answer(not ready or ready.pop()),
    )
    heard = frames(("v", 1.0), (".", 0.4), ("v", 1.0), (".", 2.0))
    decisions = await feed(endpointer, heard)
    assert kinds(decisions) == [SpeechStarted, Paused, WentOn, Paused, Utterance]
    assert decisions[-1][0] > 2.4


def told(sound: float, words: float | None, *, likely_pause_s: float | None = None) -> Endpointer:
    """One whose turn sounds complete so probably, and is complete so probably by its words."""
    return Endpointer(
        DRAFTING,
        Judge(sound),
        listen_from_s=0.0,
        wait_for_speech_s=3.0,
        answer=lambda: Answer(asked_all=words),
        likely_pause_s=likely_pause_s,
    )


@pytest.mark.parametrize(
    ("sound", "words", "silence_s"),
    [
        pytest.param(0.98, 0.6, DRAFTING.pause_s, id="both signs say so"),
        pytest.param(0.5, 0.9, DRAFTING.pause_s, id="a flat voice, clear words"),
        pytest.param(0.98, 0.001, DRAFTING.max_pause_s, id="what is the ..."),
        pytest.param(0.01, 0.5, DRAFTING.max_pause_s, id="which languages do people speak, ..."),
        pytest.param(0.98, 0.029, DRAFTING.likely_pause_s, id="unusual words"),
        pytest.param(0.98, 0.004, 0.95, id="very unusual words"),
        pytest.param(0.98, None, DRAFTING.pause_s, id="nothing known of the words"),
        pytest.param(0.55, None, DRAFTING.likely_pause_s, id="and the sound is not sure"),
    ],
)
async def test_sound_and_words_together_say_how_long_to_wait(
    sound: float, words: float | None, silence_s: float
) -> None:
    at_s, utterance = (await feed(told(sound, words), frames(("v", 1.0), (".", 3.0))))[-1]
    assert isinstance(utterance, Utterance)
    assert at_s == pytest.approx(1.0 + silence_s, abs=2.01 * FRAME_S)


async def test_a_user_who_pauses_for_long_is_given_time() -> None:
    endpointer = told(0.98, 0.029, likely_pause_s=1.0)
    at_s, _ = (await feed(endpointer, frames(("v", 1.0), (".", 3.0))))[-1]
    assert at_s == pytest.approx(2.0, abs=2.01 * FRAME_S)


async def test_how_long_the_user_paused_is_told_with_going_on() -> None:
    heard = frames(("v", 1.0), (".", 0.18), ("v", 0.5))
    went_on = (await feed(listening(Judge(0.1), DRAFTING), heard))[-1][1]
    assert isinstance(went_on, WentOn)
    assert went_on.pause_s == pytest.approx(0.18)


async def test_a_turn_that_waits_for_its_answer_is_over_with_it_not_with_the_next_frame() -> None:
    answers = [Answer(ready=False)]
    endpointer = Endpointer(
        DRAFTING, Judge(0.9), listen_from_s=0.0, wait_for_speech_s=3.0, answer=lambda: answers[-1]
    )
    decisions = await feed(endpointer, frames(("v", 1.0), (".", 0.5)))
    assert not any(isinstance(decision, Utterance) for _, decision in decisions)
    assert endpointer.judge_again() is None
    answers.append(Answer(ready=True, asked_all=0.9))
    utterance = endpointer.judge_again()
    assert isinstance(utterance, Utterance)
    assert utterance.voiced_end_s == pytest.approx(1.0)


@pytest.mark.parametrize("silent_s", [0.0, 0.1])
async def test_an_answer_that_is_ready_early_ends_no_turn_before_its_pause(silent_s: float) -> None:
    endpointer = listening(Judge(0.9), DRAFTING)
    await feed(endpointer, frames(("v", 1.0), (".", silent_s)))
    assert endpointer.judge_again() is None


async def test_while_the_user_speaks_it_is_told_what_they_said_until_now() -> None:
    config = CONFIG.model_copy(update={"look_s": 0.5})
    heard = frames((".", 0.5), ("v", 1.3), (".", 0.4), ("v", 0.7), (".", 2.0))
    decisions = await feed(listening(Judge(0.1, 0.9), config), heard)
    looks = [(at_s, told) for at_s, told in decisions if isinstance(told, Speaking)]
    assert [at_s for at_s, _ in looks] == pytest.approx([0.7, 1.2, 1.7, 2.22, 2.72], abs=0.03)
    lengths_s = [len(told.utterance.pcm) / RATE_HZ for _, told in looks]
    assert lengths_s == pytest.approx([at_s - 0.2 for at_s, _ in looks], abs=0.05)
    assert isinstance(decisions[-1][1], Utterance)
