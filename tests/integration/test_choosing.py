"""What real models make of what no sentence fits, and of what can't be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from heisenberg.cli import app

REQUESTS = """
[[requests]]
language = "en"
category = "timers"
said = [{ say = "Ping me in half an hour", calls = ["timers.set"], values = [1800] }]

[[requests]]
language = "fr"
category = "timers"
said = [{ say = "Le pain cuit une heure", calls = ["timers.set"], values = [3600] }]

[[talk]]
language = "en"
said = ["Who painted the Mona Lisa?"]
"""
TEMPTATIONS = """
[[temptations]]
language = "en"
category = "several"
said = [
  { say = "Call my brother.", claims = ["call"] },
  { say = "Set a timer for ten minutes.", claims = ["set"] },
]
"""
pytestmark = [pytest.mark.models, pytest.mark.timeout(400)]


def _document(tmp_path: Path, command: str, asked: str) -> dict[str, Any]:
    file = tmp_path / "set.toml"
    file.write_text(asked, encoding="utf-8")
    settings = ("--set", "llm.seed=1", "--set", f"skills.data={tmp_path / 'kept'}")
    result = CliRunner().invoke(
        app, ["bench", command, "--json", "--file", str(file), *settings], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_wish_becomes_a_call_and_talk_stays_talk(tmp_path: Path) -> None:
    found = _document(tmp_path, "choosing", REQUESTS)
    assert found["requests"]["en"] == {"said": 1, "right": 1, "percent": 100.0}
    assert found["talk"]["en"] == {"said": 1, "right": 1, "percent": 100.0}
    assert found["calls"]["right"] == 1
    assert "fr" not in found["requests"]
    assert found["seconds"]["requests"] > 0


def test_what_a_skill_did_may_be_said_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    found = _document(tmp_path, "claims", TEMPTATIONS)
    assert found["claims"]["en"]["said"] == 2
    assert found["claims"]["en"]["done"] == 1
    assert found["claims"]["all"]["false"] == found["claims"]["all"]["replaced"] == 0
    assert not (tmp_path / "kept").exists()
