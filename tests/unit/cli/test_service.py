"""``heisenberg service`` as a user types it, with the service managers' programs played."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from heisenberg.cli import app
from heisenberg.core.errors import HeisenbergError
from heisenberg.service.systemd import UNIT
from tests.fakes.service_managers import World, launchd_world, systemd_world


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in which the user is."""
    home = tmp_path / "home of a user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("HEISENBERG_STORE__DIR", raising=False)
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def linux(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = systemd_world(tmp_path, home / ".config" / "systemd" / "user" / UNIT)
    monkeypatch.setenv("PATH", str(world.programs))
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return world


def heisenberg(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["service", *arguments])


def refused(*arguments: str) -> HeisenbergError:
    error = heisenberg(*arguments).exception
    assert isinstance(error, HeisenbergError)
    return error


def test_from_installed_to_removed(linux: World) -> None:
    assert heisenberg("status").exit_code == 1

    installed = heisenberg("install")
    assert installed.exit_code == 0, installed.output
    assert f"installed  yes ({linux.file})" in installed.stdout
    assert "running    yes: active (running), process" in installed.stdout
    assert "journalctl --user -u heisenberg" in installed.stdout
    assert "may take a minute" in installed.stderr
    assert f"ExecStart=:{sys.executable} -P -m heisenberg run\n" in linux.runs()

    status = heisenberg("status")
    assert status.exit_code == 0
    assert "enabled    yes" in status.stdout

    removed = heisenberg("uninstall")
    assert removed.exit_code == 0
    assert f"{linux.file} was removed." in removed.stdout
    assert heisenberg("status").exit_code == 1
    assert heisenberg("uninstall").stdout == "Heisenberg was not installed as a service.\n"


def test_every_answer_is_also_a_document(linux: World) -> None:
    linux.set("lingering", "no")
    installed = json.loads(heisenberg("install", "--json").stdout)
    assert installed["running"] is True
    assert installed["lingering"] is False
    (note,) = installed["notes"]
    assert "enable-linger" in note
    status = json.loads(heisenberg("status", "--json").stdout)
    assert status == installed
    assert json.loads(heisenberg("uninstall", "--json").stdout)["installed"] is False


def test_without_lingering_the_user_learns_what_happens_at_logout(linux: World) -> None:
    linux.set("lingering", "no")
    shown = heisenberg("install").stdout
    assert "lingering  no" in shown
    assert "end when you log out" in shown


def test_the_service_runs_with_the_options_given_here(linux: World, home: Path) -> None:
    (home / "my.toml").write_text('profile = "tiny"\n')
    result = heisenberg("install", "--config", "my.toml", "--set", "llm.seed=7")
    assert result.exit_code == 0, result.output
    assert f'run --config "{home}/my.toml" --set llm.seed=7\n' in linux.runs()


def test_the_configuration_of_this_folder_is_the_services(linux: World, home: Path) -> None:
    (home / "heisenberg.toml").write_text('profile = "tiny"\n')
    heisenberg("install")
    assert f'--config "{home}/heisenberg.toml"\n' in linux.runs()


@pytest.mark.parametrize(
    "setting",
    [
        "llm.model=models/own.gguf",
        "stt.model=./whisper",
        "tts.voice=joe.onnx",
        'wake.models=["hey_jarvis", "my/own.onnx"]',
        "store.dir=models",
        "control.socket=run/h.sock",
    ],
)
def test_a_file_relative_to_this_folder_is_refused(linux: World, home: Path, setting: str) -> None:
    error = refused("install", "--set", setting)
    assert error.exit_code == 2
    assert setting.partition("=")[0] in error.message
    assert str(home) in error.hint
    assert not linux.file.exists()


def test_whole_paths_and_names_are_fine(linux: World, tmp_path: Path) -> None:
    whole = ("--set", f"llm.model={tmp_path}/own.gguf", "--set", "store.dir=~/models")
    assert heisenberg("install", *whole).exit_code == 0
    assert f"--set llm.model={tmp_path}/own.gguf" in linux.runs()


def test_a_wrong_setting_is_refused_before_anything_is_written(linux: World) -> None:
    error = refused("install", "--set", "llm.temperature=9")
    assert error.exit_code == 2
    assert linux.calls() == []
    assert not linux.file.exists()


def test_settings_that_the_service_does_not_see_are_named(
    linux: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "does not see" not in heisenberg("install").stdout
    monkeypatch.setenv("HEISENBERG_LLM__SEED", "7")
    shown = heisenberg("install").stdout
    assert "does not see" in shown
    assert "HEISENBERG_LLM__SEED" in shown
    assert "llm.seed" not in linux.runs()


def test_a_broken_configuration_can_be_uninstalled(linux: World, home: Path) -> None:
    heisenberg("install")
    (home / "heisenberg.toml").write_text("nonsense")
    assert heisenberg("uninstall").exit_code == 0
    assert not linux.file.exists()


def test_on_a_mac_it_is_an_agent(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "Library" / "LaunchAgents" / "local.heisenberg.plist"
    world = launchd_world(tmp_path, file)
    monkeypatch.setenv("PATH", str(world.programs))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    installed = heisenberg("install")
    assert installed.exit_code == 0, installed.output
    assert f"installed  yes ({file})" in installed.stdout
    assert "lingering" not in installed.stdout
    assert "Microphone" in installed.stdout
    assert heisenberg("uninstall").exit_code == 0
    assert not file.exists()


@pytest.mark.parametrize("command", ["install", "uninstall", "status"])
def test_other_systems_are_told_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    error = refused(command)
    assert "Windows" in error.message
    assert "heisenberg run" in error.hint
    assert list(home.iterdir()) == []
