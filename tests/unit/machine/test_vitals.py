"""How this machine is doing, and others that have sensors."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from heisenberg.machine.vitals import Battery, Vitals


def _with_sensors(monkeypatch: pytest.MonkeyPatch, temperatures: Any, battery: Any) -> Vitals:
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: temperatures, raising=False)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    return Vitals.look(Path("/there/is/no/such/folder"))


def test_what_every_machine_has(tmp_path: Path) -> None:
    found = Vitals.look(tmp_path / "not" / "yet")
    assert 0 <= found.processor_percent <= 100
    assert 0 < found.memory_free_bytes <= found.memory_bytes
    assert 0 <= found.disk_free_bytes <= found.disk_bytes


def test_the_hottest_part_of_the_processor_counts_and_no_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sensors = {
        "nvme": [SimpleNamespace(current=70.0)],
        "coretemp": [SimpleNamespace(current=41.0), SimpleNamespace(current=48.5)],
    }
    assert _with_sensors(monkeypatch, sensors, None).temperature == 48.5


@pytest.mark.parametrize(
    ("left_s", "known_s"),
    [(3600, 3600), (psutil.POWER_TIME_UNKNOWN, None), (psutil.POWER_TIME_UNLIMITED, None)],
)
def test_how_long_a_battery_lasts_where_that_is_known(
    left_s: int, known_s: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    battery = SimpleNamespace(percent=79.6, secsleft=left_s, power_plugged=None)
    found = _with_sensors(monkeypatch, {}, battery)
    assert found.battery == Battery(80, is_plugged=False, left_s=known_s)
    assert found.temperature is None


def test_a_system_without_sensors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("sensors_temperatures", "sensors_battery"):
        monkeypatch.delattr(psutil, name, raising=False)
    found = Vitals.look(tmp_path)
    assert (found.temperature, found.battery) == (None, None)
