"""A child that tries the sound: which devices there are, whether the chosen ones work.

Run with the wanted microphone, the wanted speaker and, if a Bluetooth microphone may be opened,
``bluetooth``. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from array import array
from dataclasses import asdict
from typing import Any, Final

from heisenberg.audio.devices import DeviceList, Kind, choose
from heisenberg.audio.portaudio import PortAudio
from heisenberg.core.errors import AudioError

_LISTEN_S: Final = 1.0
_BEGIN_WITHIN_S: Final = 4.0
"""A virtual device may take two seconds to begin."""
_LOOK_S: Final = 0.02


class _Ear:
    """Notes the loudest sample of what it hears; plays silence."""

    def __init__(self) -> None:
        self.peak = 0
        self.count = 0
        self.finished = False

    def copy(self, data: Any, _frames: int, _when: Any, _status: Any, /) -> None:
        samples = array("h", bytes(data))
        self.peak = max(self.peak, *samples)
        self.peak = max(self.peak, -min(samples))
        self.count += 1


class _Mouth(_Ear):
    def copy(self, data: Any, _frames: int, _when: Any, _status: Any, /) -> None:
        data[:] = bytes(len(data))
        self.count += 1


def main() -> None:
    try:
        tried = _try_all(*sys.argv[1:4])
    except AudioError as exc:
        tried = _failure(exc)
    print(json.dumps(tried))


def _try_all(microphone: str, speaker: str, bluetooth: str) -> dict[str, Any]:
    portaudio = PortAudio()
    found = portaudio.devices()
    return {
        "devices": [asdict(device) for device in found.devices],
        "input": _try(portaudio, found, "input", microphone, bluetooth=bluetooth == "bluetooth"),
        "output": _try(portaudio, found, "output", speaker, bluetooth=True),
    }


def _failure(error: AudioError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.hint}


def _try(
    portaudio: PortAudio, found: DeviceList, kind: Kind, wanted: str, *, bluetooth: bool
) -> dict[str, Any]:
    try:
        choice = choose(found, kind, wanted, bluetooth=bluetooth)
        ear = _Ear() if kind == "input" else _Mouth()
        opened = portaudio.open(kind, choice.device, lambda _rate_hz, _channels: ear)
    except AudioError as exc:
        return _failure(exc)
    _listen(ear)
    portaudio.close(kind)
    return {
        "device": asdict(choice.device),
        "others": choice.others,
        "passed_over": choice.passed_over,
        "bluetooth": found.is_bluetooth(choice.device),
        "rate_hz": opened.rate_hz,
        "works": ear.count > 0,
        "peak": ear.peak,
    }


def _listen(ear: _Ear) -> None:
    """Until it has heard a second, or nothing comes, or it is a mouth that has begun."""
    give_up_s = time.monotonic() + _BEGIN_WITHIN_S
    while not ear.count and not ear.finished and time.monotonic() < give_up_s:
        time.sleep(_LOOK_S)
    enough_s = time.monotonic() + _LISTEN_S
    while type(ear) is _Ear and ear.count and time.monotonic() < enough_s:
        time.sleep(_LOOK_S)
