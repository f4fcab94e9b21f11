"""What is said where the operating system lacks something."""

from __future__ import annotations

import importlib.util
import os
import platform
from pathlib import Path

import pytest

from scripts import system


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian machine without a compiler, and a user who is not root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    _program(tmp_path / "apt-get", f"touch {tmp_path}/asked")
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_without_a_compiler_the_command_is_named(bare: Path) -> None:
    with pytest.raises(system.SetupError, match=r"sudo apt install gcc g\+\+"):
        system.need_compiler()
    assert not (bare / "asked").exists()


def test_on_macos_apples_compiler_is_named(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del bare
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(system.SetupError, match="xcode-select --install"):
        system.need_compiler()


def test_as_root_packages_are_installed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tools = " ".join(str(bare / name) for name in ("gcc", "g++"))
    _program(bare / "apt-get", f'for t in {tools}; do echo > "$t"; /bin/chmod +x "$t"; done')
    system.need_compiler()
    assert (bare / "gcc").exists()


def test_as_root_the_lists_of_packages_are_fetched_where_there_are_none(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    said = bare / "said"
    lists = bare / "lists"
    _program(
        bare / "apt-get",
        f'echo "$1" >> {said}\n[ "$1" = update ] && echo > {lists}\n[ -e {lists} ]',
    )
    system.want_portaudio()
    assert said.read_text().split() == ["install", "update", "install"]
    assert "Warning" not in capsys.readouterr().out


def test_without_portaudio_there_is_a_warning_only(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del bare
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    system.want_portaudio()
    assert "sudo apt install libportaudio2" in capsys.readouterr().out


def test_without_the_venv_module_debians_package_is_named(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del bare
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(system.SetupError, match=r"sudo apt install python3\.\d+-venv"):
        system.need_venv()
