"""The checks of sound, on sound libraries that are broken, empty or furnished."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core.config import AudioConfig
from heisenberg.service.check import Check, Status
from heisenberg.service.sound import check_sound

_LIBRARY = """
class PortAudioError(Exception): pass
DEVICES = {devices}
def query_devices(device=None, kind=None):
    if kind is None:
        return DEVICES
    if isinstance(device, int):
        return DEVICES[device]
    usable = [d for d in DEVICES if d[f"max_{{kind}}_channels"] and (device or "") in d["name"]]
    if not usable:
        raise ValueError("No device")
    return usable[0]
"""
_MICROPHONE = {"name": "Desk microphone", "max_input_channels": 1, "max_output_channels": 0}
_SPEAKER = {"name": "Shelf speaker", "max_input_channels": 0, "max_output_channels": 2}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to write the sound library that the child will import."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "sounddevice.py"


def _furnish(library: Path, *devices: dict[str, object]) -> None:
    library.write_text(_LIBRARY.format(devices=list(devices)))


def _named(checks: list[Check], name: str) -> Check:
    (found,) = (check for check in checks if check.name == name)
    return found


def test_the_default_devices_are_named(library: Path) -> None:
    _furnish(library, _MICROPHONE, _SPEAKER)
    checks = check_sound(AudioConfig())
    assert [check.status for check in checks] == [Status.OK] * 3
    assert "Desk microphone" in _named(checks, "microphone").message
    assert "Shelf speaker" in _named(checks, "speaker").message


def test_a_device_chosen_by_number_is_found(library: Path) -> None:
    _furnish(library, _SPEAKER, _MICROPHONE)
    checks = check_sound(AudioConfig(input_device="1", output_device="0"))
    assert [check.status for check in checks] == [Status.OK] * 3


def test_no_device_at_all(library: Path) -> None:
    _furnish(library)
    checks = check_sound(AudioConfig())
    for name in ("microphone", "speaker"):
        check = _named(checks, name)
        assert (check.status, check.code) == (Status.FAIL, "device_not_found")
        assert check.hint


def test_a_name_that_matches_nothing_is_answered_with_those_that_do(library: Path) -> None:
    _furnish(library, _MICROPHONE, _SPEAKER)
    check = _named(check_sound(AudioConfig(input_device="Blue")), "microphone")
    assert (check.status, check.code) == (Status.FAIL, "device_not_found")
    assert "'Blue'" in check.message
    assert "audio.input_device" in check.hint
    assert "Desk microphone" in check.hint
    assert "Shelf speaker" not in check.hint


def test_without_the_library_it_says_what_to_install(library: Path) -> None:
    library.write_text("raise OSError('PortAudio library not found')")
    (check,) = check_sound(AudioConfig())
    assert (check.name, check.status, check.code) == ("portaudio", Status.FAIL, "device_not_found")
    assert "portaudio" in check.hint


def test_a_sound_system_that_crashes_takes_only_the_child_along(library: Path) -> None:
    library.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    (check,) = check_sound(AudioConfig())
    assert (check.status, check.code) == (Status.FAIL, "audio")
    assert "SIGSEGV" in check.message
