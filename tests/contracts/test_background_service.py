"""What every service manager does for Heisenberg: systemd and launchd, their programs played."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from heisenberg.core.errors import InputError, ServiceError
from heisenberg.service.background import BackgroundService
from heisenberg.service.launchd import LABEL, LaunchdAgent
from heisenberg.service.systemd import UNIT, SystemdService
from tests.fakes.service_managers import World, launchd_world, systemd_world

COMMAND = ["/opt/my python/bin/python", "-P", "-m", "heisenberg", "run"]


@dataclass(frozen=True, slots=True)
class Case:
    service: BackgroundService
    world: World


def _systemd(folder: Path) -> Case:
    units = folder / "config home" / "systemd" / "user"
    return Case(SystemdService(units), systemd_world(folder, units / UNIT))


def _launchd(folder: Path) -> Case:
    agents = folder / "Library" / "LaunchAgents"
    service = LaunchdAgent(agents, folder / "Logs" / "heisenberg.log", sleep=lambda _s: None)
    return Case(service, launchd_world(folder, agents / f"{LABEL}.plist"))


@pytest.fixture(params=[_systemd, _launchd], ids=["systemd", "launchd"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    make: Callable[[Path], Case] = request.param
    case = make(tmp_path)
    monkeypatch.setenv("PATH", str(case.world.programs))
    return case


def test_nothing_is_installed_at_first(case: Case) -> None:
    status = case.service.status()
    assert (status.installed, status.enabled, status.running) == (False, False, False)
    assert (status.pid, status.since) == (None, None)


def test_once_installed_it_runs_now_and_after_every_login(case: Case) -> None:
    case.service.install(COMMAND)
    assert "/opt/my python/bin/python" in case.world.runs()
    status = case.service.status()
    assert status.installed
    assert status.enabled
    assert status.running
    assert status.state.startswith(("active", "running"))
    assert status.pid == os.getpid()
    assert status.file == str(case.world.file)
    assert status.since is not None
    assert datetime.fromisoformat(status.since) < datetime.now().astimezone()


def test_a_second_installation_runs_the_new_command(case: Case) -> None:
    case.service.install(COMMAND)
    notes = case.service.install([*COMMAND, "--set", "llm.seed=7"])
    assert "llm.seed=7" in case.world.runs()
    assert [path.name for path in case.world.file.parent.iterdir() if path.is_file()] == [
        case.world.file.name
    ]
    assert not any("changes" in note for note in notes)


def test_what_the_user_changed_is_kept_beside_and_said(case: Case) -> None:
    case.service.install(COMMAND)
    changed = case.world.file.read_text().replace("30", "31").replace("WatchdogSec=60", "")
    case.world.file.write_text(changed)
    notes = case.service.install(COMMAND)
    kept = case.world.file.with_name(f"{case.world.file.name}.changed")
    assert kept.read_text() == changed
    assert any(str(kept) in note for note in notes)
    assert case.world.file.read_text() != changed
    assert case.world.runs() == case.world.file.read_text()


def test_a_file_that_heisenberg_never_wrote_is_kept_too(case: Case) -> None:
    case.world.file.parent.mkdir(parents=True)
    case.world.file.write_bytes(b"\xff mine")
    case.service.install(COMMAND)
    kept = case.world.file.with_name(f"{case.world.file.name}.changed")
    assert kept.read_bytes() == b"\xff mine"


def test_uninstalling_stops_it_and_leaves_nothing(case: Case) -> None:
    case.service.install(COMMAND)
    done = case.service.uninstall()
    assert "Heisenberg was stopped." in done
    assert not case.world.runs()
    assert [path for path in case.world.file.parent.rglob("*") if not path.is_dir()] == []
    status = case.service.status()
    assert (status.installed, status.enabled, status.running) == (False, False, False)


def test_uninstalling_what_is_not_there_says_so(case: Case) -> None:
    assert case.service.uninstall() == ["Heisenberg was not installed as a service."]


def test_uninstalling_keeps_what_the_user_changed(case: Case) -> None:
    case.service.install(COMMAND)
    with case.world.file.open("a") as file:
        file.write("# mine\n")
    done = case.service.uninstall()
    kept = case.world.file.with_name(f"{case.world.file.name}.changed")
    assert kept.read_text().endswith("# mine\n")
    assert any(str(kept) in line for line in done)


def test_a_service_whose_file_has_gone_is_still_stopped(case: Case) -> None:
    case.service.install(COMMAND)
    case.world.file.unlink()
    assert not case.service.status().installed
    assert "Heisenberg was stopped." in case.service.uninstall()
    assert not case.world.runs()


def test_a_file_without_a_manager_is_removed_and_the_doubt_is_said(case: Case) -> None:
    case.service.install(COMMAND)
    case.world.set("refuses", "Not today.\n")
    *_, last = case.service.uninstall()
    assert not case.world.file.exists()
    assert "it still does" in last


def test_a_service_that_does_not_stop_is_an_error_and_stays_installed(case: Case) -> None:
    case.service.install(COMMAND)
    case.world.set("hangs")
    with pytest.raises(ServiceError, match="does not stop"):
        case.service.uninstall()
    assert case.world.file.exists()


def test_without_a_manager_nothing_is_written(case: Case) -> None:
    case.world.set("refuses", "Not today.\n")
    with pytest.raises(ServiceError) as refused:
        case.service.install(COMMAND)
    assert refused.value.hint
    assert not case.world.file.exists()
    with pytest.raises(ServiceError):
        case.service.status()


def test_a_missing_program_is_one_clear_line(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(case.world.folder))
    for ask in (case.service.status, lambda: case.service.install(COMMAND)):
        with pytest.raises(ServiceError, match=r"'(systemctl|launchctl)'") as missing:
            ask()
        assert missing.value.hint
        assert "\n" not in str(missing.value)


def test_a_folder_that_cannot_be_made_is_one_clear_line(case: Case) -> None:
    folder = case.world.file.parent
    folder.parent.mkdir(parents=True)
    folder.write_text("a file is in the way")
    with pytest.raises(InputError, match="can't be made"):
        case.service.install(COMMAND)


def test_a_service_that_crashed_is_not_running(case: Case) -> None:
    case.service.install(COMMAND)
    (case.world.folder / "runs").unlink()
    case.world.set("crashes")
    status = case.service.status()
    assert status.installed
    assert not status.running
    assert status.state in ("failed (failed), exit-code", "not running, last exit code 3")
