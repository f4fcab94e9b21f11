"""What a machine is told apart by."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.machine.processor import adds_8_bits_exactly, allowed_cores, processor_name


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        (
            "processor\t: 0\nmodel\t\t: 2\nmodel name\t: Fast Chip 9\n\nprocessor\t: 1\n",
            "Fast Chip 9",
        ),
        ("processor\t: 0\nCPU part\t: 0xd0b\n\nModel\t\t: Small Board 5\n", "Small Board 5"),
    ],
)
def test_a_processor_or_at_least_its_board_has_a_name(
    tmp_path: Path, cpuinfo: str, name: str
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert processor_name(tmp_path / "cpuinfo") == name


def test_where_the_system_tells_nothing_there_is_still_a_name(tmp_path: Path) -> None:
    assert processor_name(tmp_path / "missing")
    (tmp_path / "cpuinfo").write_text("processor\t: 0\n")
    assert processor_name(tmp_path / "cpuinfo")


def test_there_is_at_least_one_core() -> None:
    assert allowed_cores() >= 1


@pytest.mark.parametrize(
    ("flags", "exact"),
    [("fpu avx2 avx512_vnni", True), ("fp asimd asimddp", True), ("avx2", False)],
)
def test_what_adds_8_bits_exactly_says_so(tmp_path: Path, flags: str, exact: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"flags\t\t: {flags}\n")
    assert adds_8_bits_exactly(tmp_path / "cpuinfo") is exact
    assert not adds_8_bits_exactly(tmp_path / "missing")
