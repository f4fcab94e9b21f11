"""A voice in the room is told from what is left of an echo."""

from __future__ import annotations

import numpy as np
import pytest

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.echo_filter import EchoFilter
from heisenberg.audio.echo_path import room_of
from heisenberg.audio.near_voice import NearVoice
from tests.fakes.echo import babble, echo_of
from tests.fakes.speech import join, noise, silence

_FAR = babble(8.0, level_db=-20, seed=1)
_NOISE = noise(8.0, colour="pink", level_db=-60, seed=1)


def _hears(
    near: Pcm, far: Pcm, *, placed: bool = True, voice: NearVoice | None = None
) -> list[bool]:
    """For each 10 ms."""
    voice, linear = voice or NearVoice(), EchoFilter()
    heard = []
    for at in range(0, len(near), CHUNK_SAMPLES):
        chunk = slice(at, at + CHUNK_SAMPLES)
        rest = linear.process(near[chunk], far[chunk])
        heard.append(voice.hears(rest, near[chunk], far[chunk], placed=placed))
    return heard


def _with_voice(near: Pcm, begin_s: float, seconds: float, level_db: float) -> Pcm:
    begin = round(begin_s * RATE_HZ)
    voice = babble(seconds, level_db=level_db, seed=50)
    return join(near[:begin], near[begin : begin + len(voice)] + voice, near[begin + len(voice) :])


@pytest.mark.parametrize("seed", range(4))
def test_an_echo_is_no_voice_from_its_first_sound_on(seed: int) -> None:
    echo = echo_of(_FAR, gain=1.0, delay_ms=15, room=room_of(seed))
    assert not any(_hears(echo + _NOISE, _FAR))


@pytest.mark.parametrize("gain", [1.0, 0.25])
@pytest.mark.parametrize("louder_db", [0.0, 6.0])
def test_a_voice_as_loud_as_the_echo_is_heard_at_once(gain: float, louder_db: float) -> None:
    echo = echo_of(_FAR, gain=gain, delay_ms=15, room=room_of(2))
    level_db = -20 + 20 * np.log10(gain) + louder_db
    heard = _hears(_with_voice(echo + _NOISE, 5.0, 1.0, level_db), _FAR)
    assert not any(heard[:500])
    assert heard.index(True) <= 500 + 10
    assert sum(heard[500:600]) > 80


def test_while_nothing_plays_a_quiet_voice_is_heard_and_the_room_is_not() -> None:
    heard = _hears(_with_voice(_NOISE, 4.0, 1.0, -45.0), silence(8.0))
    assert sum(heard[:400]) < 40
    assert sum(heard[400:500]) > 80


def test_noise_is_no_voice_during_an_echo() -> None:
    loud = noise(8.0, colour="pink", level_db=-40, seed=2)
    echo = echo_of(_FAR, gain=0.25, delay_ms=15, room=room_of(2))
    assert not any(_hears(echo + loud, _FAR))


def test_distortion_is_no_voice() -> None:
    echo = echo_of(_FAR, gain=0.5, delay_ms=15, room=room_of(2), overdrive=2.0)
    assert not any(_hears(echo + _NOISE, _FAR))


def test_with_headphones_a_voice_is_heard_over_the_first_reply() -> None:
    heard = _hears(_with_voice(_NOISE, 4.0, 1.0, -30.0), _FAR, placed=False)
    assert not any(heard[:400])
    assert sum(heard[400:500]) > 80


def test_it_is_warm_after_a_second_and_a_half_of_speech_and_after_relearning_again() -> None:
    voice = NearVoice()
    half = RATE_HZ // 2
    _hears(_FAR[:half], _FAR[:half], voice=voice)
    assert voice.echoing
    early = voice.warm, voice.trust
    _hears(_FAR[half : 4 * half], _FAR[half : 4 * half], voice=voice)
    late = voice.warm, voice.trust > 0.0
    voice.relearn()
    assert (early, late) == ((False, 0.0), (True, True))
    assert (voice.warm, voice.trust) == (False, 0.0)


def test_the_echo_of_a_short_sound_is_over_a_second_later() -> None:
    voice = NearVoice()
    sound = join(_FAR[: RATE_HZ // 4], silence(1.5))
    _hears(np.zeros_like(sound), sound, placed=False, voice=voice)
    assert not voice.echoing
