"""Which device a user means."""

from __future__ import annotations

import pytest

from heisenberg.audio.devices import Device, DeviceList, Kind, choose
from heisenberg.core.errors import DeviceNotFound


def _list(
    *names: str,
    host_api: str = "Core Audio",
    default: int = 0,
    servers_source: str = "",
) -> DeviceList:
    devices = tuple(
        Device(number, name, host_api, 48_000, inputs=1, outputs=1)
        for number, name in enumerate(names)
    )
    return DeviceList(devices, {"input": default, "output": default}, servers_source)


_DESK = _list("Built-in", "USB Speaker", "USB Speaker Pro", "[old] Line", default=1)


@pytest.mark.parametrize("kind", ["input", "output"])
@pytest.mark.parametrize(
    ("wanted", "name", "others"),
    [
        ("", "USB Speaker", ()),
        ("0", "Built-in", ()),
        ("built", "Built-in", ()),
        ("usb speaker", "USB Speaker", ()),
        ("USB SPEAKER, core audio", "USB Speaker", ()),
        ("speaker", "USB Speaker", ("USB Speaker Pro",)),
        ("usb*", "USB Speaker", ("USB Speaker Pro",)),
        ("*pro", "USB Speaker Pro", ()),
        ("usb speaker ?ro", "USB Speaker Pro", ()),
        ("[old]", "[old] Line", ()),
    ],
)
def test_a_name_a_part_a_pattern_a_number_or_nothing(
    kind: Kind, wanted: str, name: str, others: tuple[str, ...]
) -> None:
    choice = choose(_DESK, kind, wanted, bluetooth=False)
    assert (choice.device.name, choice.others) == (name, others)


@pytest.mark.parametrize("wanted", ["Studio", "Studio*", "17", "in*"])
def test_what_matches_nothing_is_named(wanted: str) -> None:
    with pytest.raises(DeviceNotFound) as caught:
        choose(_DESK, "input", wanted, bluetooth=False)
    assert f"No microphone matches '{wanted}'" in caught.value.message
    assert "audio.input_device" in caught.value.hint


def test_only_devices_of_the_kind_count() -> None:
    speaker = Device(0, "Speaker", "Core Audio", 48_000, inputs=0, outputs=2)
    found = DeviceList((speaker,), {"input": -1, "output": 0})
    assert choose(found, "output", "", bluetooth=False).device is speaker
    for wanted in ("", "0", "Speaker"):
        with pytest.raises(DeviceNotFound, match=r"microphone"):
            choose(found, "input", wanted, bluetooth=False)


def test_without_a_default_the_first_is_taken() -> None:
    assert choose(_list("A", "B", default=-1), "input", "", bluetooth=False).device.name == "A"


@pytest.mark.parametrize(
    "headset",
    ["AirPods Pro", "WH-1000 Hands-Free AG Audio", "bluez_input.00_11", "Bluetooth Headset"],
)
def test_a_headsets_microphone_is_not_the_default_but_its_speaker_is(headset: str) -> None:
    found = _list(headset, "Webcam")
    choice = choose(found, "input", "", bluetooth=False)
    assert (choice.device.name, choice.passed_over) == ("Webcam", headset)
    assert choose(found, "input", "", bluetooth=True).device.name == headset
    assert choose(found, "output", "", bluetooth=False).device.name == headset


def test_a_headsets_microphone_that_is_named_is_meant() -> None:
    found = _list("AirPods", "Webcam")
    assert choose(found, "input", "airpods", bluetooth=False).device.name == "AirPods"


def test_a_headset_behind_the_sound_servers_default_is_recognised() -> None:
    found = _list(
        "HDA Intel (hw:0,0)",
        "pulse",
        "default",
        host_api="ALSA",
        default=2,
        servers_source="bluez_input.AA_BB.headset-head-unit",
    )
    choice = choose(found, "input", "", bluetooth=False)
    assert choice.device.name == "HDA Intel (hw:0,0)"
    assert choice.passed_over.startswith("bluez_input")


def test_an_only_headset_is_left_alone_with_what_to_do() -> None:
    found = _list("pulse", "default", host_api="ALSA", servers_source="bluez_input.AA_BB")
    with pytest.raises(DeviceNotFound, match=r"bluez_input\.AA_BB") as caught:
        choose(found, "input", "", bluetooth=False)
    assert "audio.bluetooth_microphone" in caught.value.hint
