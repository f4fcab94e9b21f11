"""How much a model may take."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from heisenberg.machine.memory import allowed_bytes, free_bytes


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The file that says which group we are in."""
    file = tmp_path / "cgroup"
    file.write_text("0::/user/heisenberg.service\n", encoding="utf-8")
    return file


def _limit(folder: Path, maximum: str, current: int, files: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{maximum}\n", encoding="utf-8")
    (folder / "memory.current").write_text(f"{current}\n", encoding="utf-8")
    stat = f"anon 5\ninactive_file {files}\nactive_file 0\n"
    (folder / "memory.stat").write_text(stat, encoding="utf-8")


def test_a_limit_counts_less_what_is_used_but_not_what_can_be_read_again(
    tmp_path: Path, own: Path
) -> None:
    _limit(tmp_path / "user" / "heisenberg.service", "1000", 700, files=100)

    assert free_bytes(tmp_path, own) == 400


def test_the_narrowest_limit_counts(tmp_path: Path, own: Path) -> None:
    _limit(tmp_path / "user" / "heisenberg.service", "max", 700)
    _limit(tmp_path / "user", "5000", 4900)

    assert free_bytes(tmp_path, own) == 100


def test_older_kernels_say_it_elsewhere(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("5:devices:/\n4:memory:/box\n0::/\n", encoding="utf-8")
    folder = tmp_path / "memory" / "box"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text("1000\n", encoding="utf-8")
    (folder / "memory.usage_in_bytes").write_text("700\n", encoding="utf-8")
    stat = "active_file 9\ntotal_active_file 100\n"
    (folder / "memory.stat").write_text(stat, encoding="utf-8")

    assert free_bytes(tmp_path, own) == 400
    assert allowed_bytes(tmp_path, own) == 1000


def test_what_is_over_its_limit_has_nothing(tmp_path: Path, own: Path) -> None:
    _limit(tmp_path / "user" / "heisenberg.service", "1000", 1200)

    assert free_bytes(tmp_path, own) == 0


@pytest.mark.parametrize("content", ["", "12:cpu:/old\n", "0::/elsewhere\n"])
def test_without_a_limit_it_is_what_the_machine_has(tmp_path: Path, content: str) -> None:
    own = tmp_path / "cgroup"
    own.write_text(content, encoding="utf-8")

    total = psutil.virtual_memory().total
    assert 0 < free_bytes(tmp_path / "none", own) <= total
    assert allowed_bytes(tmp_path / "none", own) == total
    assert 0 < free_bytes(tmp_path / "none", tmp_path / "gone") <= total
