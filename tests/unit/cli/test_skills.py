from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from heisenberg.cli import app
from heisenberg.core.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "broken.py").write_text("raise SystemError('out of luck')")
    return tmp_path


def _output(folder: Path, *arguments: str) -> str:
    places = ("--set", f"skills.folder={folder}", "--set", f"skills.data={folder}")
    result = CliRunner().invoke(app, ["skills", *places, *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def _document(folder: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_output(folder, "--json", *arguments))
    return found


def test_each_is_shown_with_what_it_can_be_asked(folder: Path) -> None:
    lines = _output(folder, "--set", 'languages=["en","fr"]').splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("units "))
    assert lines[at].endswith("  How many feet are in 3 metres?")
    assert lines[at + 1].strip() == "Combien font 10 pouces en centimètres ?"


def test_those_left_out_are_shown_with_the_reason(folder: Path) -> None:
    shown = _output(folder, "--set", "skills.off=weather")
    left_out = shown.partition("Left out:\n")[2].splitlines()
    assert [line.split(maxsplit=1) for line in left_out] == [
        ["broken", "SystemError: out of luck"],
        ["weather", "skills.off names it."],
    ]


def test_as_json(folder: Path) -> None:
    found = _document(folder, "--set", "skills.off=weather")
    assert [one["name"] for one in found["left_out"]] == ["broken", "weather"]
    (lists,) = (one for one in found["skills"] if one["name"] == "lists")
    assert lists["examples"] == {"en": "Add milk and eggs to the shopping list."}
    clear = {"name": "clear", "about": "Take everything off a list", "confirm": True}
    assert clear in lists["actions"]


def test_where_none_are_wanted(folder: Path) -> None:
    assert _output(folder, "--set", "skills.enabled=false") == (
        "Skills are switched off: skills.enabled is false.\n"
    )
    assert _document(folder, "--set", "skills.enabled=false")["skills"] == []


def test_a_name_that_no_skill_has_is_told() -> None:
    result = CliRunner().invoke(app, ["skills", "--set", "skills.off=wether"])
    assert isinstance(result.exception, ConfigError)
    assert "no skill 'wether'" in str(result.exception)
