"""How late an echo is, is found out from the sound alone."""

from __future__ import annotations

import statistics

import pytest

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.echo_delay import Delay, DelayTracker
from heisenberg.audio.echo_path import room_of
from tests.fakes.echo import babble, echo_of
from tests.fakes.speech import join, noise, silence

_FAR = babble(6.0, level_db=-20, seed=1)


def _measure(near: Pcm, far: Pcm, tracker: DelayTracker | None = None) -> list[Delay]:
    tracker = tracker or DelayTracker()
    found = []
    for at in range(0, len(near), CHUNK_SAMPLES):
        chunk = slice(at, at + CHUNK_SAMPLES)
        delay = tracker.push(near[chunk], far[chunk])
        if delay is not None:
            found.append(delay)
    return found


def _sure(found: list[Delay]) -> list[Delay]:
    return [delay for delay in found if delay.confidence >= 1.0]


@pytest.mark.parametrize("delay_ms", [0.0, 7.5, 40.0, 250.0, 600.0, 950.0])
def test_the_delay_is_found_to_the_sample(delay_ms: float) -> None:
    found = _sure(_measure(echo_of(_FAR, gain=0.25, delay_ms=delay_ms), _FAR))
    exact = [delay for delay in found if delay.samples == round(delay_ms * RATE_HZ / 1000)]
    assert len(exact) > 10
    assert len(exact) >= len(found) - 1, "the first one may lack most of the echo"


def test_it_is_found_within_a_second() -> None:
    second = _FAR[:RATE_HZ]
    assert _sure(_measure(echo_of(second, gain=0.25, delay_ms=60), second))


@pytest.mark.parametrize("seed", range(4))
def test_in_a_room_with_somebody_talking_it_is_that_of_the_direct_sound(seed: int) -> None:
    near = echo_of(_FAR, gain=0.5, delay_ms=80, room=room_of(seed))
    voice = babble(6.0, level_db=-24, seed=100 + seed)
    found = _sure(_measure(near + voice, _FAR))
    early_ms = [80 - delay.samples * 1000 / RATE_HZ for delay in found]
    assert len(found) > 10
    assert statistics.median(early_ms) == pytest.approx(0.0, abs=1.0)
    assert all(-1.0 < early < 20.0 for early in early_ms), "a voice's period may come before it"


def test_a_change_is_followed() -> None:
    half = len(_FAR) // 2
    before, after = (echo_of(_FAR, gain=0.5, delay_ms=ms) for ms in (60, 240))
    found = _sure(_measure(join(before[:half], after[half:]), _FAR))
    assert found[0].samples == 60 * 16
    assert found[-1].samples == 240 * 16


def test_where_there_is_no_echo_it_is_in_doubt() -> None:
    voice = babble(6.0, level_db=-24, seed=9)
    room = noise(6.0, colour="pink", level_db=-50, seed=1)
    found = _measure(voice + room, _FAR)
    assert len(found) > 10
    assert max(delay.confidence for delay in found) < 1.0


def test_while_nothing_is_played_nothing_is_measured() -> None:
    assert not _measure(babble(3.0, level_db=-24, seed=9), silence(3.0))


def test_after_a_reset_the_old_delay_is_forgotten() -> None:
    tracker = DelayTracker()
    _measure(echo_of(_FAR, gain=0.5, delay_ms=60), _FAR, tracker)
    tracker.reset()
    second = _FAR[:RATE_HZ]
    found = _sure(_measure(echo_of(second, gain=0.5, delay_ms=240), second, tracker))
    assert found[-1].samples == 240 * 16
    assert not any(delay.samples == 60 * 16 for delay in found)
