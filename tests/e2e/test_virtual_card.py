"""The virtual sound card and its air, heard from outside: delay, level, users, pulled devices."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.bench.virtual_card.air import Air, AirSettings, open_air
from heisenberg.bench.virtual_card.pulse import Capture, Playback
from heisenberg.bench.virtual_card.soundcard import (
    MISSING,
    Device,
    SoundCard,
    is_available,
    sound_card,
)
from heisenberg.core.errors import AudioError

pytestmark = pytest.mark.skipif(not is_available(), reason=MISSING)

SETTINGS = AirSettings(echo_db=-12.0, delay_ms=70.0, rt60_s=0.0, noise_db=-70.0)
CLOSE_MS = 12.0
"""PulseAudio changes its blocks, of 5 and 10 ms, when somebody else listens."""

BURST: Pcm = (np.random.default_rng(7).normal(size=1600) * 4000).astype(np.int16)


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundCard]:
    with sound_card(tmp_path_factory.mktemp("card")) as card:
        yield card


@pytest.fixture(scope="module")
def air(card: SoundCard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Air]:
    recording = tmp_path_factory.mktemp("air") / "both"
    with open_air(card, replace(SETTINGS, recording=str(recording))) as air:
        yield air


class Listener:
    """Somebody else who listens to a device, and knows when what came out of it."""

    def __init__(self, card: SoundCard, device: Device, seconds: float) -> None:
        self._capture = Capture(card.servers[device], f"{device}.monitor", block_s=0.005)
        self._seconds = seconds
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        blocks, begins_s = [], []
        for count in range(1, round(self._seconds / 0.005) + 1):
            blocks.append(self._capture.read(80))
            begins_s.append(time.monotonic() - count * 0.005)
        self._capture.close()
        self._sound, self._began_s = np.concatenate(blocks), min(begins_s[20:])

    def burst(self) -> tuple[float, float]:
        """When it came (monotonic), and its level against ``BURST``'s in dB."""
        self._thread.join()
        match = np.correlate(self._sound.astype(float), BURST.astype(float), "valid")
        at = int(np.argmax(np.abs(match)))
        level = np.std(self._sound[at : at + len(BURST)].astype(float)) / np.std(BURST)
        return self._began_s + at / RATE_HZ, 20 * np.log10(max(level, 1e-9))


@contextmanager
def _playing(card: SoundCard) -> Iterator[None]:
    """The loudspeaker plays a burst in half a second, then nothing."""
    playback = Playback(card.servers["speaker"], "speaker", buffer_s=2.0)
    playback.write(np.concatenate((np.zeros(RATE_HZ // 2, np.int16), BURST)))
    yield
    playback.close()


def _through(card: SoundCard) -> tuple[float, float]:
    """Play a burst; how late in ms, and how loud in dB, the microphone hears it."""
    speaker, microphone = Listener(card, "speaker", 1.5), Listener(card, "microphone", 1.5)
    with _playing(card):
        (played_s, played_db), (heard_s, heard_db) = speaker.burst(), microphone.burst()
    return (heard_s - played_s) * 1000, heard_db - played_db


@pytest.mark.parametrize(("echo_db", "delay_ms"), [(-12.0, 70.0), (0.0, 200.0)])
def test_the_echo_is_as_late_and_as_quiet_as_asked(
    tmp_path: Path, echo_db: float, delay_ms: float
) -> None:
    asked = replace(SETTINGS, echo_db=echo_db, delay_ms=delay_ms)
    with sound_card(tmp_path) as card, open_air(card, asked) as air:
        late_ms, level_db = _through(card)
        report = air.report()
    assert late_ms == pytest.approx(delay_ms, abs=CLOSE_MS)
    assert level_db == pytest.approx(echo_db, abs=0.5)
    assert report.delay_ms == pytest.approx(delay_ms, abs=CLOSE_MS)
    assert report.card_ms < 60.0


def test_without_an_echo_the_microphone_hears_its_own_noise(tmp_path: Path) -> None:
    with sound_card(tmp_path) as card, open_air(card, replace(SETTINGS, echo_db=None)):
        assert _through(card)[1] < -40.0


def test_a_delay_that_the_card_cannot_keep_is_refused(card: SoundCard) -> None:
    with (
        pytest.raises(AudioError, match="more than the 5 ms asked for"),
        open_air(card, replace(SETTINGS, delay_ms=5.0)),
    ):
        pass


def test_a_user_who_waits_for_the_reply_is_heard_where_it_was_announced(
    card: SoundCard, air: Air
) -> None:
    with _playing(card):
        said = air.say(np.roll(BURST, 800), after_reply_s=0.5)
        assert said is not None
        assert said.reply is not None
        assert said.begin == said.reply + 8000
        air.wait_until(said.end + 3200)
    recording = air.recording()
    heard = recording.microphone[said.begin : said.end].astype(int)
    assert np.max(np.abs(heard - np.roll(BURST, 800))) < 60  # the microphone's noise
    played = recording.speaker[said.reply - 80 : said.reply + 3200].astype(float)
    at = int(np.argmax(np.correlate(played, BURST.astype(float), "valid"))) - 80
    assert abs(at) < 16
    assert not np.any(np.abs(recording.speaker[: said.reply].astype(int)[-4000:]) > 100)


def test_without_a_reply_the_user_stays_silent(air: Air) -> None:
    assert air.say(BURST, after_reply_s=0.5, timeout_s=0.2) is None


@pytest.mark.parametrize("pulled", [("speaker",), ("microphone",), ("microphone", "speaker")])
def test_a_device_that_was_pulled_works_again(
    card: SoundCard, air: Air, pulled: tuple[Device, ...]
) -> None:
    gaps = air.report().gaps
    for device in pulled:
        card.pull(device)
    others = [device for device in card.servers if device not in pulled]
    for device in pulled:
        with pytest.raises(AudioError):
            Capture(card.servers[device], f"{device}.monitor", block_s=0.005)
    for device in others:
        Capture(card.servers[device], f"{device}.monitor", block_s=0.005).close()
    for device in pulled:
        card.put_back(device)
    time.sleep(1.0)  # what a user needs to let go of the plug
    late_ms, level_db = _through(card)
    assert late_ms == pytest.approx(70.0, abs=2 * CLOSE_MS)
    assert level_db == pytest.approx(-12.0, abs=0.5)
    if pulled == ("speaker",):
        assert air.report().gaps == gaps


def test_sound_libraries_find_the_devices_by_name_and_as_default(card: SoundCard) -> None:
    program = """
import json, sounddevice as sd
print(json.dumps({d["name"]: [d["max_input_channels"] > 0, d["max_output_channels"] > 0]
                  for d in sd.query_devices()}))"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=card.environment,
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert json.loads(done.stdout) == {
        "default": [True, True],
        "microphone": [True, False],
        "speaker": [False, True],
    }
