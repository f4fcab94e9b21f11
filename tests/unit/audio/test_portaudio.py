"""The PortAudio library: what it says is passed on in one line, and what it prints is not."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heisenberg.audio import native_stderr
from heisenberg.audio.devices import Device
from heisenberg.audio.live import LiveCard
from heisenberg.audio.live_sink import Feed
from heisenberg.audio.played_sound import PlayedSound
from heisenberg.audio.playqueue import PlayQueue
from heisenberg.audio.portaudio import PortAudio, ask_servers_source
from heisenberg.core.config import AudioConfig
from heisenberg.core.errors import AudioError, DeviceLost, DeviceNotFound, HeisenbergError
from tests.fakes.portaudio import BUSY, FakeDevice, FakeSound, PortAudioError


@pytest.fixture(autouse=True)
def _print_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_stderr, "silence", lambda: None)


@pytest.fixture
def speaker() -> FakeDevice:
    return FakeDevice("Desk speaker", outputs=1, rate_hz=44_100, host_api="ALSA")


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch, speaker: FakeDevice) -> FakeSound:
    sound = FakeSound(speaker)
    monkeypatch.setitem(sys.modules, "sounddevice", sound.module)
    return sound


def _feed(rate_hz: int, channels: int) -> Feed:
    return Feed(PlayQueue(rate_hz), channels, PlayedSound(lambda: 0), lambda: None)


def _one_line(error: HeisenbergError) -> bool:
    return "\n" not in f"{error.message}{error.hint}" and bool(error.hint)


async def test_without_the_library_the_package_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_import = builtins.__import__

    def no_library(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_library)
    with pytest.raises(DeviceNotFound, match="PortAudio library is missing") as caught:
        await LiveCard.open(AudioConfig(), lambda *_: None)
    assert "libportaudio2" in caught.value.hint
    assert caught.value.exit_code == 3


@pytest.mark.usefixtures("sound")
def test_devices_are_listed_with_what_is_to_be_known_of_them() -> None:
    found = PortAudio().devices()
    assert found.devices == (Device(0, "Desk speaker", "ALSA", 44_100, inputs=0, outputs=1),)
    assert found.defaults == {"input": -1, "output": 0}


def test_a_device_that_can_not_be_opened_is_named_with_the_reason(
    sound: FakeSound, speaker: FakeDevice
) -> None:
    portaudio = PortAudio()
    (device,) = portaudio.devices().devices
    for refusal, reason in (
        (BUSY, "Device unavailable."),
        (("Unanticipated host error", -9999, (0, -13, "Permission denied")), "Permission denied."),
    ):
        speaker.refusal = refusal
        with pytest.raises(DeviceLost, match=f"'Desk speaker' can't be opened: {reason}") as caught:
            portaudio.open("output", device, _feed)
        assert _one_line(caught.value)
        assert "audio.output_device" in caught.value.hint
    assert not sound.streams


def test_a_stream_that_does_not_start_is_closed(
    sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    portaudio = PortAudio()
    (device,) = portaudio.devices().devices
    stream_class = type(
        sound.module.RawOutputStream(
            samplerate=8000,
            blocksize=80,
            device=0,
            channels=1,
            callback=None,
            finished_callback=None,
        )
    )
    sound.streams.clear()

    def start(_stream: object) -> None:
        raise PortAudioError("Illegal combination of I/O devices", -9993)

    monkeypatch.setattr(stream_class, "start", start)
    with pytest.raises(DeviceLost, match="Illegal combination"):
        portaudio.open("output", device, _feed)
    assert not sound.streams


def test_a_sound_system_that_does_not_start_again_may_start_later(sound: FakeSound) -> None:
    portaudio = PortAudio()
    sound.fails_to_start = True
    for _ in range(2):
        with pytest.raises(AudioError, match=r"does not work: .* no host") as caught:
            portaudio.restart()
        assert _one_line(caught.value)
    sound.fails_to_start = False
    portaudio.restart()
    assert portaudio.devices().devices


def test_what_others_print_while_it_starts_is_not_lost(capfd: pytest.CaptureFixture[str]) -> None:
    """With the real library: devices that are missing are looked for all the time."""
    import sounddevice

    class Library:
        def __getattr__(self, name: str) -> Any:
            if name == "Pa_Initialize":
                os.write(2, b"and this\n")
            return getattr(library, name)

    library = sounddevice._lib
    portaudio = PortAudio()
    sounddevice._lib = Library()
    try:
        portaudio.restart()
    finally:
        sounddevice._lib = library
        portaudio.end()
    assert "and this" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ("echo bluez_input.AA_BB", "bluez_input.AA_BB"),
        ("echo 'Connection refused' >&2; exit 1", ""),
        (None, ""),
    ],
)
def test_the_sound_server_is_asked_for_its_microphone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, answer: str
) -> None:
    if program is not None:
        pactl = tmp_path / "pactl"
        pactl.write_text(f"#!/bin/sh\n{program}\n")
        pactl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=None)
    assert ask_servers_source() == answer


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="needs a C library it knows")
def test_what_c_libraries_print_is_hidden_and_what_python_prints_is_not() -> None:
    program = """
import ctypes, sys
from heisenberg.audio import native_stderr
libc = ctypes.CDLL(None)
name = "__stderrp" if sys.platform == "darwin" else "stderr"
def c_says(text):
    libc.fputs(text, ctypes.c_void_p.in_dll(libc, name))
    libc.fflush(None)
c_says(b"one ")
native_stderr.silence()
c_says(b"two ")
print("three", end=" ", file=sys.stderr, flush=True)
native_stderr.restore()
c_says(b"four")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == "one three four"
