"""A measurement that was stopped goes on from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.bench.hearing.kept import Kept
from heisenberg.core.errors import InputError

SETTINGS = {"seed": 1}


def test_what_was_found_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    first = Kept(file, SETTINGS)
    assert first.get("block 0") is None
    first.put("block 0", [{"score": 0.5}])
    first.put("block 1", [])
    again = Kept(file, SETTINGS)
    assert again.get("block 0") == [{"score": 0.5}]
    assert again.get("block 1") == []
    assert again.get("block 2") is None


def test_other_settings_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Kept(file, SETTINGS).put("block 0", [])
    with pytest.raises(InputError, match="other settings"):
        Kept(file, {"seed": 2})


@pytest.mark.parametrize("text", ["", "hello", '{"name": 1}\n', "[1]\n"])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text(text)
    with pytest.raises(InputError, match="does not hold"):
        Kept(file, SETTINGS)
    assert file.read_text() == text


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Kept(file, SETTINGS).put("block 0", [1])
    file.write_text(file.read_text() + '{"name": "block 1", "val')
    again = Kept(file, SETTINGS)
    assert again.get("block 0") == [1]
    assert again.get("block 1") is None
    again.put("block 1", [2])
    assert Kept(file, SETTINGS).get("block 1") == [2]


def test_without_a_file_it_is_kept_for_this_run() -> None:
    kept = Kept(None, SETTINGS)
    kept.put("block 0", [1])
    assert kept.get("block 0") == [1]
