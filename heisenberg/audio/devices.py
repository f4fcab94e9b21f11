"""Which microphone and which speaker: by name, part of a name, pattern, number, or default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeAlias

from heisenberg.core.errors import DeviceNotFound

Kind: TypeAlias = Literal["input", "output"]

WORDS: Final[Mapping[Kind, str]] = {"input": "microphone", "output": "speaker"}

_BLUETOOTH: Final = re.compile(
    r"bluez|bluetooth|airpods|hands[ -]?free|headset head unit|\b(hfp|hsp|sco)\b", re.IGNORECASE
)
_SERVERS_CHOICE: Final = ("default", "pulse", "pipewire")
"""ALSA's names for whatever the sound server holds to be the default."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as PortAudio lists it; ``rate_hz`` is its native rate."""

    index: int
    name: str
    host_api: str
    rate_hz: int
    inputs: int
    outputs: int

    def channels(self, kind: Kind) -> int:
        return self.inputs if kind == "input" else self.outputs

    @property
    def is_looked_up(self) -> bool:
        """Whether it is a name of ALSA's configuration, which stands for what is there now.

        Opening such a device finds one that came back; any other is found in a new list only.
        """
        return self.host_api == "ALSA" and "(hw:" not in self.name

    @property
    def is_servers_choice(self) -> bool:
        return self.host_api == "ALSA" and self.name in _SERVERS_CHOICE


@dataclass(frozen=True, slots=True)
class DeviceList:
    """Every device, and the number of the system's default of each kind, where there is one.

    ``servers_source`` is what the sound server calls its default microphone; empty if unknown.
    """

    devices: tuple[Device, ...]
    defaults: Mapping[Kind, int]
    servers_source: str = ""

    def of(self, kind: Kind) -> list[Device]:
        return [device for device in self.devices if device.channels(kind) > 0]

    def is_bluetooth(self, device: Device) -> bool:
        """Whether ``device`` belongs to a Bluetooth headset, going by what it is called."""
        behind = self.servers_source if device.is_servers_choice else ""
        return _BLUETOOTH.search(f"{device.name}, {device.host_api}, {behind}") is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """The device to open, the names of others that match as well, and of one passed over."""

    device: Device
    others: tuple[str, ...] = ()
    passed_over: str = ""


def choose(found: DeviceList, kind: Kind, wanted: str, *, bluetooth: bool) -> Choice:
    """The ``kind`` device that the user means by ``wanted``.

    An exact name goes before a part of one, the first of several before the others. The default
    is not a Bluetooth headset's microphone unless ``bluetooth``: opening it turns the headset's
    sound into a telephone's. Raises ``DeviceNotFound``.
    """
    if not wanted:
        return _default(found, kind, bluetooth=bluetooth)
    matching = _matching(found.of(kind), wanted)
    if not matching:
        raise DeviceNotFound(
            f"No {WORDS[kind]} matches '{wanted}'.",
            f"Connect it, or name another with audio.{kind}_device; see 'heisenberg doctor'.",
        )
    first, *others = matching
    return Choice(first, tuple(device.name for device in others))


def _default(found: DeviceList, kind: Kind, *, bluetooth: bool) -> Choice:
    usable = found.of(kind)
    if not usable:
        raise DeviceNotFound(f"There is no {WORDS[kind]}.", "Connect one.")
    default = found.defaults.get(kind)
    first = next((device for device in usable if device.index == default), usable[0])
    if kind == "output" or bluetooth or not found.is_bluetooth(first):
        return Choice(first)
    passed_over = found.servers_source if first.is_servers_choice else first.name
    for device in usable:
        if not found.is_bluetooth(device):
            return Choice(device, passed_over=passed_over)
    raise DeviceNotFound(
        f"The only microphone is that of the Bluetooth headset '{passed_over}', which stays "
        "closed: opening it makes the headset sound like a telephone.",
        "Connect another microphone, or set audio.bluetooth_microphone = true.",
    )


def _matching(devices: list[Device], wanted: str) -> list[Device]:
    if wanted.isdecimal():
        return [device for device in devices if device.index == int(wanted)]
    sought = wanted.casefold()

    def names(device: Device) -> tuple[str, str]:
        name = device.name.casefold()
        return name, f"{name}, {device.host_api.casefold()}"

    if exact := [device for device in devices if sought in names(device)]:
        return exact
    if re.search(r"[*?\[]", sought):
        pattern = [d for d in devices if any(fnmatchcase(name, sought) for name in names(d))]
        if pattern:
            return pattern
    return [device for device in devices if sought in names(device)[1]]
