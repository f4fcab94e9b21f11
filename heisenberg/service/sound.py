"""Checks of the sound: the library, the microphone and the speaker."""

from __future__ import annotations

import json
import platform
from typing import Any, Final

from heisenberg.core.config import AudioConfig
from heisenberg.service.check import Check, Status
from heisenberg.service.child import run_python

_PROBE: Final = """
import json, sys
import sounddevice as sd
found = {}
for kind, wanted in (("input", sys.argv[1]), ("output", sys.argv[2])):
    names = [d["name"] for d in sd.query_devices() if d[f"max_{kind}_channels"] > 0]
    try:
        name = sd.query_devices(int(wanted) if wanted.isdigit() else wanted or None, kind)["name"]
    except (sd.PortAudioError, ValueError):
        name = ""
    found[kind] = {"name": name, "names": names}
print(json.dumps(found))
"""


def check_sound(config: AudioConfig, *, probe: str = _PROBE) -> list[Check]:
    """The sound library loads, and the configured microphone and speaker are there.

    ``probe`` is the program that the child runs.
    """
    result = run_python(probe, [config.input_device, config.output_device], timeout_s=20.0)
    if result.returncode != 0:
        return [_no_library(result.reason)]
    found: dict[str, Any] = json.loads(result.output)
    return [
        Check("portaudio", Status.OK, "The sound library PortAudio works."),
        _device("microphone", "input", config.input_device, found["input"]),
        _device("speaker", "output", config.output_device, found["output"]),
    ]


def _no_library(reason: str) -> Check:
    if "PortAudio library not found" in reason:
        mac = platform.system() == "Darwin"
        command = "brew install portaudio" if mac else "sudo apt install libportaudio2"
        return Check(
            "portaudio",
            Status.FAIL,
            "The sound library PortAudio is missing: there is no microphone and no speaker.",
            f"Install it: {command}",
            code="device_not_found",
        )
    return Check(
        "portaudio",
        Status.FAIL,
        f"The sound system does not work: {reason}.",
        "Restart the sound server (PipeWire, PulseAudio), or log out and in again.",
        code="audio",
    )


def _device(word: str, kind: str, wanted: str, found: dict[str, Any]) -> Check:
    names = [str(name) for name in found["names"]]
    if found["name"]:
        return Check(word, Status.OK, f"The {word} is '{found['name']}'.")
    if wanted and names:
        return Check(
            word,
            Status.FAIL,
            f"No {word} matches '{wanted}'.",
            f"Set audio.{kind}_device to one of: {', '.join(names)}.",
            code="device_not_found",
        )
    return Check(
        word,
        Status.FAIL,
        f"There is no {word}.",
        "Connect one. Without it 'simulate', 'ask' and 'chat' work, 'run' does not.",
        code="device_not_found",
    )
