"""How short memory is."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.machine import pressure
from heisenberg.machine.pressure import Pressure, by_stalls, memory_pressure


def _stalls(file: Path, percent: float) -> Path:
    file.write_text(
        f"some avg10={percent:.2f} avg60=0.00 avg300=0.00 total=7\n"
        "full avg10=99.00 avg60=0.00 avg300=0.00 total=7\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (0.0, Pressure.LOW),
        (4.9, Pressure.LOW),
        (5.0, Pressure.MEDIUM),
        (25.0, Pressure.HIGH),
        (50.0, Pressure.CRITICAL),
    ],
)
def test_the_longer_tasks_wait_for_memory_the_higher(
    tmp_path: Path, percent: float, level: Pressure
) -> None:
    assert by_stalls([_stalls(tmp_path / "memory", percent)]) is level


def test_the_worst_counts_the_machines_or_its_own_group(tmp_path: Path) -> None:
    files = [_stalls(tmp_path / "machine", 1.0), _stalls(tmp_path / "group", 30.0)]
    assert by_stalls(files) is Pressure.HIGH


@pytest.mark.parametrize("content", ["", "some\n", "some avg10=much\n", "\0\n", None])
def test_where_the_kernel_does_not_count_nobody_waits(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "memory"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    assert by_stalls([file]) is Pressure.LOW


@pytest.mark.parametrize(
    ("free", "level"),
    [(500, Pressure.LOW), (90, Pressure.MEDIUM), (40, Pressure.HIGH), (10, Pressure.CRITICAL)],
)
def test_so_does_how_little_is_left(
    monkeypatch: pytest.MonkeyPatch, free: int, level: Pressure
) -> None:
    monkeypatch.setattr(pressure, "free_bytes", lambda: free)
    monkeypatch.setattr(pressure, "allowed_bytes", lambda: 1000)
    monkeypatch.setattr(pressure, "_stall_files", list)

    assert memory_pressure() is level


@pytest.mark.parametrize(
    ("kernel", "level"), [(1, Pressure.LOW), (2, Pressure.MEDIUM), (4, Pressure.CRITICAL)]
)
def test_macos_says_it_itself(
    monkeypatch: pytest.MonkeyPatch, kernel: int, level: Pressure
) -> None:
    class Library:
        def __init__(self, _name: str | None) -> None: ...

        def sysctlbyname(self, name: bytes, value: object, *_rest: object) -> int:
            assert name == b"kern.memorystatus_vm_pressure_level"
            value._obj.value = kernel  # type: ignore[attr-defined]
            return 0

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("ctypes.CDLL", Library)
    monkeypatch.setattr(pressure, "_stall_files", list)
    monkeypatch.setattr(pressure, "free_bytes", lambda: 500)
    monkeypatch.setattr(pressure, "allowed_bytes", lambda: 1000)

    assert memory_pressure() is level


def test_this_machine_is_not_at_its_end() -> None:
    assert memory_pressure() < Pressure.CRITICAL
