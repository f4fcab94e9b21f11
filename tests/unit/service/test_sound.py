"""The checks of sound, on sound libraries that are broken, empty or furnished."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from heisenberg.core.config import AudioConfig
from heisenberg.service import sound_probe
from heisenberg.service.check import Check, Status
from heisenberg.service.sound import check_sound

_LIBRARY = """
import sys
sys.path.insert(0, {root!r})
import threading, time
from tests.fakes.portaudio import BUSY, FakeDevice, FakeSound, PortAudioError
import numpy as np
sound = FakeSound({devices})
vars(sys.modules[__name__]).update(vars(sound.module))
def run():
    while True:
        time.sleep(0.01)
        sound.pass_time(0.01)
threading.Thread(target=run, daemon=True).start()
"""
_MICROPHONE = 'FakeDevice("Desk microphone", inputs=1)'
_SILENT = 'FakeDevice("{name}", inputs=1, hears=lambda frames: np.zeros(frames, np.int16))'
_SPEAKER = 'FakeDevice("Shelf speaker", outputs=2, rate_hz=44_100)'
_HEADSET = 'FakeDevice("Anna\'s AirPods", inputs=1, outputs=2)'

Furnish = Callable[..., None]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to write the sound library that the child will import."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "sounddevice.py"


@pytest.fixture
def furnish(library: Path) -> Furnish:
    def furnish(*devices: str) -> None:
        root = str(Path(sound_probe.__file__).parents[2])
        library.write_text(_LIBRARY.format(root=root, devices=", ".join(devices)))

    return furnish


def _named(checks: list[Check], name: str) -> Check:
    (found,) = (check for check in checks if check.name == name)
    assert "\n" not in found.message + found.hint
    assert found.status is Status.OK or found.hint
    return found


def test_the_devices_are_listed_and_the_default_ones_tried(furnish: Furnish) -> None:
    furnish(_MICROPHONE, _SPEAKER)
    checks = check_sound(AudioConfig())
    assert [check.status for check in checks] == [Status.OK] * 4
    listed = _named(checks, "sound_devices").message
    assert "Microphones: 'Desk microphone' (48000 Hz, Core Audio);" in listed
    assert "Speakers: 'Shelf speaker' (44100 Hz, Core Audio)." in listed
    assert "'Desk microphone'" in _named(checks, "microphone").message
    assert "peak -50 dB" in _named(checks, "microphone").message
    assert "'Shelf speaker'" in _named(checks, "speaker").message


def test_a_device_chosen_by_number_is_found(furnish: Furnish) -> None:
    furnish(_SPEAKER, _MICROPHONE)
    checks = check_sound(AudioConfig(input_device="1", output_device="0"))
    assert [check.status for check in checks] == [Status.OK] * 4


def test_a_name_that_fits_several_is_answered_with_the_others(furnish: Furnish) -> None:
    furnish(_MICROPHONE, _MICROPHONE.replace("Desk", "Webcam"), _SPEAKER)
    check = _named(check_sound(AudioConfig(input_device="*microphone")), "microphone")
    assert check.status is Status.OK
    assert "is 'Desk microphone'" in check.message
    assert "fits 'Webcam microphone'" in check.message


def test_no_device_at_all(furnish: Furnish) -> None:
    furnish()
    checks = check_sound(AudioConfig())
    for name in ("microphone", "speaker"):
        check = _named(checks, name)
        assert (check.status, check.code) == (Status.FAIL, "device_not_found")
        assert "Connect one." in check.hint


def test_a_name_that_matches_nothing_is_said(furnish: Furnish) -> None:
    furnish(_MICROPHONE, _SPEAKER)
    checks = check_sound(AudioConfig(input_device="Blue"))
    check = _named(checks, "microphone")
    assert (check.status, check.code) == (Status.FAIL, "device_not_found")
    assert "'Blue'" in check.message
    assert "audio.input_device" in check.hint
    assert "Desk microphone" in _named(checks, "sound_devices").message


def test_a_busy_speaker_is_said(furnish: Furnish) -> None:
    furnish(_MICROPHONE, _SPEAKER.replace("outputs", "refusal=BUSY, outputs"))
    check = _named(check_sound(AudioConfig()), "speaker")
    assert (check.status, check.code) == (Status.FAIL, "device_lost")
    assert "Device unavailable" in check.message


@pytest.mark.parametrize(
    ("system", "name", "hint"),
    [
        ("Darwin", "Desk microphone", "Allow it in System Settings > Privacy"),
        ("Linux", "Desk microphone", "Unmute it"),
        ("Linux", "default", "That is right for a virtual device"),
        ("Linux", "Monitor of Shelf speaker", "That is right for a virtual device"),
    ],
)
def test_a_microphone_of_zeros_is_a_warning(
    furnish: Furnish, monkeypatch: pytest.MonkeyPatch, system: str, name: str, hint: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    furnish(_SILENT.format(name=name), _SPEAKER)
    check = _named(check_sound(AudioConfig()), "microphone")
    assert (check.status, check.code) == (Status.WARN, "microphone_silent")
    assert check.hint.startswith(hint)


def test_a_bluetooth_microphone_alone_stays_closed_unless_it_is_allowed(furnish: Furnish) -> None:
    furnish(_HEADSET)
    check = _named(check_sound(AudioConfig()), "microphone")
    assert (check.status, check.code) == (Status.FAIL, "device_not_found")
    assert "Anna's AirPods" in check.message
    assert "audio.bluetooth_microphone" in check.hint
    check = _named(check_sound(AudioConfig(bluetooth_microphone=True)), "microphone")
    assert (check.status, check.code) == (Status.WARN, "bluetooth_microphone")


def test_another_microphone_is_used_in_place_of_a_headsets(furnish: Furnish) -> None:
    furnish(_HEADSET, _MICROPHONE)
    check = _named(check_sound(AudioConfig()), "microphone")
    assert check.status is Status.OK
    assert "is 'Desk microphone'" in check.message
    assert "'Anna's AirPods' stays closed" in check.message


def test_a_device_that_delivers_nothing_is_said(furnish: Furnish) -> None:
    furnish(_MICROPHONE.replace("inputs", "stalled=True, inputs"), _SPEAKER)
    probe = "from heisenberg.service import sound_probe as p; p._BEGIN_WITHIN_S = 0.1; p.main()"
    check = _named(check_sound(AudioConfig(), probe=probe), "microphone")
    assert (check.status, check.code) == (Status.FAIL, "device_lost")


def test_without_the_library_it_says_what_to_install(library: Path) -> None:
    library.write_text("raise OSError('PortAudio library not found')")
    (check,) = check_sound(AudioConfig())
    assert (check.name, check.status, check.code) == ("portaudio", Status.FAIL, "device_not_found")
    assert "portaudio" in check.hint


def test_a_library_that_does_not_start_is_said(library: Path) -> None:
    library.write_text("raise Exception('Error initializing PortAudio: no host')")
    (check,) = check_sound(AudioConfig())
    assert (check.name, check.status, check.code) == ("portaudio", Status.FAIL, "audio")
    assert "no host" in check.message
    assert check.hint


def test_a_sound_system_that_crashes_takes_only_the_child_along(library: Path) -> None:
    library.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    (check,) = check_sound(AudioConfig())
    assert (check.status, check.code) == (Status.FAIL, "audio")
    assert "SIGSEGV" in check.message
