"""Echo cancellation as a whole: the echo is found, followed and silenced; a voice passes."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, Pcm
from heisenberg.audio.echo_path import room_of
from heisenberg.audio.room_canceller import RoomCanceller
from heisenberg.audio.webrtc import WebRtcCanceller
from heisenberg.core.errors import LoadFailed
from tests.fakes.echo import babble, echo_of, level_db
from tests.fakes.speech import join, noise, silence

_FAR = babble(12.0, level_db=-20, seed=1)
_NOISE = noise(12.0, colour="pink", level_db=-65, seed=1)
_LATE = 128


@pytest_asyncio.fixture
async def canceller() -> AsyncIterator[RoomCanceller]:
    canceller = RoomCanceller(WebRtcCanceller.load())
    yield canceller
    await canceller.aclose()


def _process(canceller: RoomCanceller, near: Pcm, far: Pcm) -> Pcm:
    chunks = (slice(at, at + CHUNK_SAMPLES) for at in range(0, len(near), CHUNK_SAMPLES))
    return np.concatenate([canceller.process(near[chunk], far[chunk]) for chunk in chunks])


def _part(pcm: Pcm, begin_s: float, end_s: float) -> Pcm:
    return pcm[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)]


def test_nothing_is_known_before_anything_was_played(canceller: RoomCanceller) -> None:
    _process(canceller, _part(_NOISE, 0, 1), silence(1.0))
    assert canceller.delay_ms is None
    assert canceller.echo_loss_db is None


@pytest.mark.parametrize("delay_ms", [0.0, 35.0, 180.0, 440.0, 600.0, 900.0])
async def test_an_echo_is_found_and_silenced_however_late(
    canceller: RoomCanceller, delay_ms: float
) -> None:
    near = echo_of(_FAR, gain=0.5, delay_ms=delay_ms + 10, room=room_of(5)) + _NOISE
    rest = _process(canceller, near, _FAR)
    assert canceller.delay_ms == pytest.approx(delay_ms + 10, abs=20)
    assert canceller.echo_loss_db is not None
    assert canceller.echo_loss_db > 25
    assert level_db(_part(rest, 4, 12)) < -60


async def test_the_first_second_of_the_first_sound_is_silenced_altogether(
    canceller: RoomCanceller,
) -> None:
    near = echo_of(_FAR, gain=1.0, delay_ms=120, room=room_of(5)) + _NOISE
    rest = _process(canceller, _part(near, 0, 1), _part(_FAR, 0, 1))
    assert level_db(_part(rest, 0.15, 1)) < -75


async def test_a_shout_over_the_first_second_is_heard(canceller: RoomCanceller) -> None:
    near = echo_of(_FAR, gain=0.1, delay_ms=30) + _NOISE
    voice = babble(0.5, level_db=-12, seed=7)
    begin = round(0.6 * RATE_HZ)
    near[begin : begin + len(voice)] += voice
    rest = _process(canceller, _part(near, 0, 1.2), _part(_FAR, 0, 1.2))
    assert level_db(_part(rest, 0.65, 1.1)) > -16


async def test_an_echo_that_moves_is_followed(canceller: RoomCanceller) -> None:
    early, late = (echo_of(_FAR, gain=0.5, delay_ms=ms, room=room_of(5)) for ms in (60, 300))
    near = join(_part(early, 0, 5), _part(late, 5, 12)) + _NOISE
    rest = _process(canceller, near, _FAR)
    assert canceller.delay_ms == pytest.approx(300, abs=20)
    assert level_db(_part(rest, 8, 12)) < -60


async def test_a_little_drift_costs_no_convergence(canceller: RoomCanceller) -> None:
    """The devices' clocks differ by 200 millionths: 2.4 ms in the end."""
    echo = echo_of(_FAR, gain=0.5, delay_ms=60, room=room_of(5))
    drifting = np.interp(np.arange(len(echo)) * 1.0002, np.arange(len(echo)), echo)
    rest = _process(canceller, np.rint(drifting).astype(np.int16) + _NOISE, _FAR)
    for begin_s in range(4, 12):
        assert level_db(_part(rest, begin_s, begin_s + 1)) < -55


async def test_a_voice_over_the_reply_comes_out_whole(canceller: RoomCanceller) -> None:
    """As loud as the echo; its harm is measured against the voice alone, 8 ms later."""
    echo = echo_of(_FAR, gain=0.5, delay_ms=60, room=room_of(5))
    voice = np.zeros_like(_FAR)
    voice[6 * RATE_HZ : 9 * RATE_HZ] = babble(3.0, level_db=-26, seed=9)
    rest = _process(canceller, echo + voice + _NOISE, _FAR)
    spoken, heard = _part(voice, 6.0, 9.0), _part(rest, 6.0 + _LATE / RATE_HZ, 9.0)
    harm = heard.astype(np.float64) - spoken[: len(heard)]
    assert level_db(spoken) - level_db(harm) > 8
    first = round(0.15 * RATE_HZ)
    assert level_db(heard[:first]) > level_db(spoken[:first]) - 3


async def test_after_a_reset_the_echo_is_sought_anew(canceller: RoomCanceller) -> None:
    near = echo_of(_FAR, gain=0.5, delay_ms=300, room=room_of(5)) + _NOISE
    _process(canceller, _part(near, 0, 3), _part(_FAR, 0, 3))
    known = canceller.delay_ms, canceller.echo_loss_db
    canceller.reset()
    assert None not in known
    assert (canceller.delay_ms, canceller.echo_loss_db) == (None, None)
    rest = _process(canceller, near, _FAR)
    assert canceller.delay_ms == pytest.approx(300, abs=20)
    assert level_db(_part(rest, 4, 12)) < -60


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    with pytest.raises(LoadFailed, match="Echo cancellation can't be loaded") as caught:
        WebRtcCanceller.load()
    assert "pywebrtc-audio" in caught.value.hint
