"""Users are heard at the very sample that is announced, beside echo and the microphone's noise."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import Pcm
from heisenberg.audio.echo_path import EchoPath
from heisenberg.bench.virtual_card.air import AirSettings, Utterance
from heisenberg.bench.virtual_card.room_mix import RoomMix, Wish

BLOCK = 160
SILENCE = np.zeros(BLOCK, np.int16)
NOISELESS = AirSettings(noise_db=-200.0)


class Talk:
    """A room, all that its microphone heard, and what was answered."""

    def __init__(self, settings: AirSettings = NOISELESS) -> None:
        self.room = RoomMix(settings)
        self.heard: list[Pcm] = []
        self.answers: list[Utterance | None] = []

    def say(self, pcm: Pcm, after_reply: int | None = None, patience: int = 16_000) -> None:
        self.room.say(Wish(pcm, self.answers.append, after_reply, patience))

    def play(self, *blocks: Pcm) -> Pcm:
        self.heard += [self.room.mix(block) for block in blocks]
        return np.concatenate(self.heard)


def _ramp(samples: int) -> Pcm:
    return np.arange(1, samples + 1).astype(np.int16)


def test_what_is_said_at_once_begins_with_the_next_block() -> None:
    talk = Talk()
    talk.play(SILENCE)
    talk.say(_ramp(400))
    heard = talk.play(*[SILENCE] * 5)
    assert talk.answers == [Utterance(BLOCK, BLOCK + 400)]
    assert np.array_equal(heard[BLOCK : BLOCK + 400], _ramp(400))
    assert not heard[BLOCK + 400 :].any()


@pytest.mark.parametrize("after", [0, 37, 160, 1000])
def test_after_a_reply_begins_to_the_sample(after: int) -> None:
    talk = Talk()
    talk.say(_ramp(400), after_reply=after)
    reply = SILENCE.copy()
    reply[42:] = 3000
    heard = talk.play(SILENCE, reply, *[SILENCE] * 12)
    begins = BLOCK + 42 + after
    assert talk.answers == [Utterance(begins, begins + 400, BLOCK + 42)]
    assert not heard[:begins].any()
    assert np.array_equal(heard[begins : begins + 400], _ramp(400))


def test_a_speaker_that_hums_below_hearing_is_no_reply() -> None:
    talk = Talk()
    talk.say(_ramp(10), after_reply=0)
    talk.play(np.full(BLOCK, 50, np.int16))
    assert talk.answers == []


def test_patience_ends() -> None:
    talk = Talk()
    talk.say(_ramp(10), after_reply=0, patience=2 * BLOCK)
    talk.play(SILENCE, SILENCE)
    assert talk.answers == []
    heard = talk.play(SILENCE, np.full(BLOCK, 3000, np.int16))
    assert talk.answers == [None]
    assert not heard.any()


def test_two_users_and_the_echo_are_heard_together() -> None:
    talk = Talk()
    talk.room.echo = EchoPath(0.5, 80)
    talk.say(np.full(200, 100, np.int16))
    talk.say(np.full(100, 10, np.int16))
    heard = talk.play(np.full(BLOCK, 2000, np.int16), SILENCE, SILENCE)
    assert heard[50] == 110
    assert heard[90] == 1110
    assert heard[170] == 1100
    assert heard[239] == 1000
    assert heard[240] == 0


def test_loud_sounds_are_clipped_and_do_not_wrap() -> None:
    talk = Talk()
    talk.say(np.full(BLOCK, 30_000, np.int16))
    talk.say(np.full(BLOCK, 30_000, np.int16))
    assert talk.play(SILENCE).min() == 32_767


def test_the_microphones_noise_has_its_level_and_is_never_silent_for_long() -> None:
    talk = Talk(AirSettings(noise_db=-65.0))
    heard = talk.play(*[SILENCE] * 300)
    level_db = 20 * np.log10(np.std(heard) / 32_767)
    assert level_db == pytest.approx(-65.0, abs=0.3)
    assert len(np.flatnonzero(heard)) > 0.9 * len(heard)
