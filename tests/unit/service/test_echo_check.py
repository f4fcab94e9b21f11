"""What a chirp tells about the path from the loudspeaker to the microphone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.service.check import Status
from heisenberg.service.echo_check import EchoPathReport, chirp, judge

GOOD = EchoPathReport("Mic", "Box", False, -12.0, 84.0, 25.0)


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (GOOD, Status.OK, "84 ms late, at -12 dB; 25 dB"),
        (replace(GOOD, echo_loss_db=4.0), Status.WARN, "only 4 dB"),
        (replace(GOOD, delay_ms=None), Status.OK, "does not hear the speaker"),
        (replace(GOOD, heard_db=-70.0), Status.OK, "does not hear the speaker"),
        (replace(GOOD, zeros=True), Status.FAIL, "nothing but zeros"),
        (replace(GOOD, microphone=""), Status.FAIL, "no microphone"),
        (replace(GOOD, speaker=""), Status.FAIL, "no speaker"),
    ],
)
def test_every_finding_is_one_line_and_says_what_to_do(
    report: EchoPathReport, status: Status, words: str
) -> None:
    (check,) = judge(report)
    assert check.status is status
    assert words in check.message
    assert check.hint or status is Status.OK


def test_the_chirp_has_all_frequencies_of_speech_and_does_not_click() -> None:
    sound = chirp().astype(np.float64)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    for low in (200, 500, 1000, 2000, 4000):
        assert power[(hz >= low) & (hz < low * 1.25)].max() > 1e-4 * power.max()
    assert abs(sound[0]) < 10
    assert abs(sound[-1]) < 60
