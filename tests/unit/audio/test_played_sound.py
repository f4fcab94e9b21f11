"""What the echo canceller is told of the speaker's sound stays level with the microphone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.played_sound import PlayedSound

_READ = RATE_HZ // 50
_DELAY_S = 0.036


class Speaker:
    """Plays noise that says for every moment when it was handed over."""

    def __init__(self, reference: PlayedSound, rate_hz: int = 48_000) -> None:
        self._reference = reference
        self._rate_hz = rate_hz
        self._phase = 0
        self.sounding = True
        reference.begin(rate_hz)

    @property
    def played_s(self) -> float:
        return self._phase / self._rate_hz

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            frames = self._rate_hz // 100
            if self.sounding:
                self._reference.hand(self._ramp(frames))
            else:
                self._reference.hand(frames)
            self._phase += frames

    def _ramp(self, frames: int) -> Pcm:
        """A slow saw: its value tells the time, modulo two seconds."""
        times = (self._phase + np.arange(frames)) / self._rate_hz
        return np.asarray(1000 + 10_000 * (times % 2.0), dtype=np.int16)


def _time_s(pcm: Pcm) -> float:
    """When the last sample of ``pcm`` was handed over, modulo two seconds."""
    return float((pcm[-1] - 1000.0) / 10_000)


def _lag_s(pcm: Pcm, now_s: float) -> float:
    return (now_s - _time_s(pcm) + 1.0) % 2.0 - 1.0


@pytest.fixture
def reference() -> PlayedSound:
    return PlayedSound(lambda: 0)


def _steps(seconds: float) -> Iterator[float]:
    for number in range(round(seconds * 50)):
        yield (number + 1) * 0.02


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_it_lags_behind_the_speaker_by_a_constant_time(
    reference: PlayedSound, rate_hz: int
) -> None:
    speaker = Speaker(reference, rate_hz)
    lags = []
    for now_s in _steps(5.0):
        speaker.play(0.02)
        pcm = reference.read(_READ)
        assert len(pcm) == _READ
        lags.append(_lag_s(pcm, now_s))
    settled = lags[10:90] + lags[110:190] + lags[210:]
    assert settled == pytest.approx([_DELAY_S] * len(settled), abs=0.002)


def test_a_gap_between_sounds_is_as_long_as_it_was(reference: PlayedSound) -> None:
    reference.begin(44_100)
    read = []
    for number in range(6000):
        sounding = number // 50 % 2 == 1
        reference.hand(np.full(441, 5000, np.int16) if sounding else 441)
        if number % 2:
            read.append(reference.read(_READ))
    edges = np.flatnonzero(np.diff(np.concatenate(read) > 500))
    edges = edges[np.diff(edges, prepend=-RATE_HZ) > 100]  # the filter rings at an edge
    assert np.diff(edges) == pytest.approx(np.full(len(edges) - 1, RATE_HZ / 2), abs=100)
    assert edges[-1] - edges[0] == pytest.approx((len(edges) - 1) * RATE_HZ / 2, abs=50)


def test_silence_is_known_as_such(reference: PlayedSound) -> None:
    speaker = Speaker(reference)
    speaker.sounding = False
    for _ in _steps(1.0):
        speaker.play(0.02)
        assert not reference.read(_READ).any()
        assert reference.is_silent
    speaker.sounding = True
    speaker.play(0.02)
    assert not reference.is_silent
    reference.read(_READ)
    speaker.sounding = False
    for _ in _steps(0.2):
        speaker.play(0.02)
        reference.read(_READ)
    assert reference.is_silent


def test_without_a_speaker_there_is_silence(reference: PlayedSound) -> None:
    assert not reference.read(_READ).any()
    speaker = Speaker(reference)
    speaker.play(0.1)
    reference.stop()
    assert not reference.read(_READ).any()
    assert reference.is_silent


@pytest.mark.parametrize("speed", [0.9997, 1.0003])
def test_a_speaker_whose_clock_drifts_is_followed_without_clicks(
    reference: PlayedSound, speed: float
) -> None:
    speaker = Speaker(reference)
    handed_s = 0.0
    read = []
    for now_s in _steps(120.0):
        while handed_s < now_s * speed:
            speaker.play(0.01)
            handed_s += 0.01
        read.append(reference.read(_READ))
        assert 0.0 < _lag_s(read[-1], handed_s) < 0.11 or now_s % 2 < 0.12
    steps = np.abs(np.diff(np.concatenate(read).astype(int)))[RATE_HZ:]
    wraps = np.convolve(steps > 1_000, np.ones(800), "same") > 0
    assert steps[~wraps].max() <= 10, "a click"


def test_a_buffer_that_runs_half_empty_and_full_again_changes_nothing(
    reference: PlayedSound,
) -> None:
    """What was handed over sounds as long after its neighbours as ever, so it must stay so here."""
    speaker = Speaker(reference)
    for now_s in _steps(14.0):
        late_s = 0.01 if 4.0 < now_s < 9.0 else 0.0
        while speaker.played_s < now_s - late_s - 0.001:
            speaker.play(0.01)
        pcm = reference.read(_READ)
        if now_s > 1.0 and now_s % 2 > 0.1:
            assert _lag_s(pcm, now_s) == pytest.approx(_DELAY_S, abs=0.001)


def test_a_jump_is_another_path_to_the_echo(reference: PlayedSound) -> None:
    speaker = Speaker(reference)
    for _ in _steps(1.0):
        speaker.play(0.02)
        reference.read(_READ)
    before = reference.paths
    for _ in _steps(3.0):
        speaker.play(0.02)
        reference.read(_READ)
    assert reference.paths == before
    speaker.play(0.3)  # the microphone's sound was lost
    for _ in _steps(3.0):
        speaker.play(0.02)
        reference.read(_READ)
    assert reference.paths > before


def test_a_block_that_comes_late_is_left_out_so_that_the_rest_is_in_place(
    reference: PlayedSound,
) -> None:
    speaker = Speaker(reference)
    for now_s in _steps(3.0):
        if not 1.0 < now_s < 1.1:
            speaker.play(0.02 if not 1.1 <= now_s < 1.12 else 0.12)
        pcm = reference.read(_READ)
        if now_s > 1.2 and now_s % 2 > 0.1:
            assert _lag_s(pcm, now_s) == pytest.approx(_DELAY_S, abs=0.004)


@pytest.mark.parametrize("lost_s", [0.3, -0.3])
def test_after_a_loss_both_sides_are_level_again(reference: PlayedSound, lost_s: float) -> None:
    speaker = Speaker(reference)
    for _ in _steps(1.9):
        speaker.play(0.02)
        reference.read(_READ)
    if lost_s > 0:  # the microphone's sound was lost, and nobody said so
        speaker.play(lost_s)
    else:  # the speaker ran dry
        for _ in _steps(-lost_s):
            reference.read(_READ)
    played_s = 1.9 + max(lost_s, 0.0)
    for later_s in _steps(3.0):
        speaker.play(0.02)
        pcm = reference.read(_READ)
        now_s = played_s + later_s
        if later_s > 2.0 and now_s % 2 > 0.1:
            assert _lag_s(pcm, now_s) == pytest.approx(_DELAY_S, abs=0.006)


@pytest.mark.parametrize("leveled", [False, True])
def test_what_the_microphone_has_not_been_asked_for_yet_counts(leveled: bool) -> None:
    unheard = 0
    reference = PlayedSound(lambda: unheard)
    speaker = Speaker(reference)
    for _ in _steps(1.0):
        speaker.play(0.02)
        reference.read(_READ)
    speaker.play(0.4)  # the event loop was busy: both sides have piled up
    if leveled:
        reference.level()
    for number in range(20):
        unheard = (19 - number) * _READ
        now_s = 1.0 + (number + 1) * 0.02
        assert _lag_s(reference.read(_READ), now_s) == pytest.approx(_DELAY_S, abs=0.002)


def test_nobody_has_to_read(reference: PlayedSound) -> None:
    speaker = Speaker(reference)
    speaker.play(60.0)
    for _ in _steps(2.0):
        speaker.play(0.02)
        pcm = reference.read(_READ)
    assert _lag_s(pcm, 62.0) == pytest.approx(_DELAY_S, abs=0.03)
