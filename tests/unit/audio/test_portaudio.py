"""What a user is told when there is no library, no device, or a device that is taken or lost."""

from __future__ import annotations

import builtins
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from heisenberg.audio import portaudio
from heisenberg.audio.base import AudioChunk
from heisenberg.audio.portaudio import PortAudioSink, PortAudioSource, find_devices
from heisenberg.core.errors import DeviceLost, DeviceNotFound, HeisenbergError


class _PortAudioError(Exception):
    pass


class _Stream:
    """A device that opens, unless it is ``busy``, and then never calls back."""

    busy = False
    closed = 0
    latency = 0.01

    def __init__(self, **_settings: Any) -> None:
        pass

    def start(self) -> None:
        if self.busy:
            raise _PortAudioError("Device unavailable [PaErrorCode -9985]")

    def abort(self) -> None:
        pass

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> type[_Stream]:
    """PortAudio with one device for both directions, called Desk Microphone."""
    device = {
        "name": "Desk Microphone",
        "index": 0,
        "default_samplerate": 48_000.0,
        "max_input_channels": 1,
        "max_output_channels": 2,
    }

    def query_devices(wanted: str | int | None, _kind: str) -> dict[str, Any]:
        if wanted is None or wanted == 0 or str(wanted).lower() in "desk microphone":
            return device
        raise ValueError(f"No input device matching {wanted!r}")

    class Stream(_Stream):
        pass

    module = ModuleType("sounddevice")
    vars(module).update(
        query_devices=query_devices,
        PortAudioError=_PortAudioError,
        InputStream=Stream,
        OutputStream=Stream,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return Stream


def _now_s() -> float:
    return 0.0


def _check_one_line_with_a_hint(error: HeisenbergError) -> None:
    assert "\n" not in error.message
    assert error.hint


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
        await find_devices("", "")
    assert "libportaudio2" in caught.value.hint
    assert caught.value.exit_code == 3


async def test_a_device_can_be_named_by_a_part_of_its_name_or_its_number(
    stream: type[_Stream],
) -> None:
    for name in ("", "desk", "0"):
        source = await PortAudioSource.open(name, _now_s)
        await source.aclose()
    assert stream.closed == 3


@pytest.mark.usefixtures("stream")
async def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(DeviceNotFound, match="No microphone matches 'Studio'") as caught:
        await find_devices("Studio", "")
    _check_one_line_with_a_hint(caught.value)


async def test_a_busy_device_is_named_with_the_reason_and_closed(stream: type[_Stream]) -> None:
    stream.busy = True
    with pytest.raises(DeviceLost, match="'Desk Microphone' can't be opened: Device unavail") as e:
        await PortAudioSource.open("", _now_s)
    _check_one_line_with_a_hint(e.value)
    assert stream.closed == 1


@pytest.mark.usefixtures("stream")
async def test_a_microphone_that_falls_silent_for_ever_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portaudio, "_LOST_AFTER_S", 0.0)
    source = await PortAudioSource.open("", _now_s)
    with pytest.raises(DeviceLost, match="microphone has stopped"):
        await anext(aiter(source))
    await source.aclose()


@pytest.mark.usefixtures("stream")
async def test_a_speaker_that_no_longer_takes_sound_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portaudio, "_LOST_AFTER_S", 0.0)
    sink = await PortAudioSink.open("", _now_s)
    await sink.write(AudioChunk(np.ones(16_000, np.int16)))
    with pytest.raises(DeviceLost, match="speaker has stopped"):
        await sink.drain()
    await sink.aclose()
