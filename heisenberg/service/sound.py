"""Checks of the sound: the library, the devices, and whether the chosen ones work."""

from __future__ import annotations

import json
import math
import platform
import re
from typing import Any, Final

from heisenberg.audio.line import silence_hint
from heisenberg.core.config import AudioConfig
from heisenberg.service.check import Check, Status
from heisenberg.service.child import run_python

_PROBE: Final = "from heisenberg.service.sound_probe import main; main()"
_PROBE_S: Final = 20.0
_VIRTUAL: Final = re.compile(
    r"monitor|null|virtual|loopback|black ?hole|^default$|^pulse$|^pipewire$", re.IGNORECASE
)
"""Names of devices that may be silent without being muted."""


def check_sound(config: AudioConfig, *, probe: str = _PROBE) -> list[Check]:
    """The sound library loads; the configured microphone hears and the speaker takes sound.

    Listens for a second and plays silence. ``probe`` is the program that the child runs.
    """
    bluetooth = "bluetooth" if config.bluetooth_microphone else ""
    result = run_python(
        probe, [config.input_device, config.output_device, bluetooth], timeout_s=_PROBE_S
    )
    if result.returncode != 0:
        return [
            Check(
                "portaudio",
                Status.FAIL,
                f"The sound system does not work: {result.reason}.",
                "Restart the sound server (PipeWire, PulseAudio), or log out and in again.",
                code="audio",
            )
        ]
    found: dict[str, Any] = json.loads(result.output)
    if "code" in found:
        return [
            Check("portaudio", Status.FAIL, found["message"], found["hint"], code=found["code"])
        ]
    return [
        Check("portaudio", Status.OK, "The sound library PortAudio works."),
        _devices(found["devices"]),
        _microphone(found["input"]),
        _speaker(found["output"]),
    ]


def _devices(devices: list[dict[str, Any]]) -> Check:
    listed = (
        f"{word}: " + (", ".join(_described(one) for one in devices if one[channels]) or "none")
        for word, channels in (("Microphones", "inputs"), ("Speakers", "outputs"))
    )
    return Check("sound_devices", Status.OK, f"{'; '.join(listed)}.")


def _described(device: dict[str, Any]) -> str:
    return f"'{device['name']}' ({device['rate_hz']} Hz, {device['host_api']})"


def _microphone(tried: dict[str, Any]) -> Check:
    if "device" not in tried:
        return _unusable("microphone", tried)
    name, chosen = tried["device"]["name"], _chosen("microphone", tried)
    if not tried["works"]:
        return _dead("microphone", chosen)
    if tried["peak"] == 0:
        return Check(
            "microphone",
            Status.WARN,
            f"{chosen} It delivered nothing but zeros for a second.",
            _what_to_do_about_silence(name),
            code="microphone_silent",
        )
    if tried["bluetooth"]:
        return Check(
            "microphone",
            Status.WARN,
            f"{chosen} It belongs to a Bluetooth headset, which sounds like a telephone meanwhile.",
            "Choose another with audio.input_device.",
            code="bluetooth_microphone",
        )
    level_db = 20 * math.log10(tried["peak"] / 32768)
    return Check("microphone", Status.OK, f"{chosen} It hears (peak {level_db:.0f} dB).")


def _what_to_do_about_silence(name: str) -> str:
    hint = silence_hint(platform.system())
    if _VIRTUAL.search(name):
        return f"That is right for a virtual device into which nothing plays; else: {hint}"
    return hint


def _speaker(tried: dict[str, Any]) -> Check:
    if "device" not in tried:
        return _unusable("speaker", tried)
    chosen = _chosen("speaker", tried)
    if not tried["works"]:
        return _dead("speaker", chosen)
    return Check("speaker", Status.OK, f"{chosen} It takes sound.")


def _chosen(word: str, tried: dict[str, Any]) -> str:
    device = {**tried["device"], "rate_hz": tried["rate_hz"]}
    chosen = f"The {word} is {_described(device)}."
    if tried["others"]:
        others = ", ".join(f"'{name}'" for name in tried["others"])
        chosen += f" The same name fits {others}; write more of it to choose one."
    if tried["passed_over"]:
        chosen += f" That of the Bluetooth headset '{tried['passed_over']}' stays closed."
    return chosen


def _unusable(word: str, tried: dict[str, Any]) -> Check:
    hint = f"{tried['hint']} 'heisenberg run' starts without it and uses it as soon as it can."
    return Check(word, Status.FAIL, tried["message"], hint, code=tried["code"])


def _dead(word: str, chosen: str) -> Check:
    return Check(
        word,
        Status.FAIL,
        f"{chosen} It was opened, and nothing came of it.",
        "Connect it again, or restart the sound server (PipeWire, PulseAudio).",
        code="device_lost",
    )
