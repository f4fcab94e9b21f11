"""The unit that is written for systemd, and what is said where systemd can't run it."""

from __future__ import annotations

import os
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import psutil
import pytest

from heisenberg.core.errors import ServiceError
from heisenberg.core.lifecycle import STOP_BUDGET_S
from heisenberg.service import systemd
from heisenberg.service.systemd import UNIT, SystemdService, render
from tests.fakes.service_managers import NO_BUS, World, systemd_world

MOST_PARTS = 16
"""More than a daemon has."""

COMMAND = ["/usr/bin/python3", "-m", "heisenberg", "run"]


def parsed(unit: str) -> RawConfigParser:
    parser = RawConfigParser(delimiters="=", comment_prefixes="#", strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as its docs have it
    parser.read_string(unit)
    return parser


def test_the_unit_is_a_watched_service_that_starts_with_the_session() -> None:
    unit = parsed(render(COMMAND))
    service = unit["Service"]
    assert service["ExecStart"] == ":/usr/bin/python3 -m heisenberg run"
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert service["Restart"] == "on-failure"
    assert service["ExecReload"] == "kill -HUP $MAINPID"
    assert int(service["WatchdogSec"]) >= 10
    assert unit["Install"]["WantedBy"] == "default.target"
    for server in ("pipewire.service", "pipewire-pulse.service", "pulseaudio.service"):
        assert server in unit["Unit"]["After"].split()


def test_every_part_has_its_time_to_stop() -> None:
    assert int(parsed(render(COMMAND))["Service"]["TimeoutStopSec"]) > MOST_PARTS * STOP_BUDGET_S


def test_the_unit_starts_a_limited_number_of_times() -> None:
    unit = parsed(render(COMMAND))
    assert int(unit["Unit"]["StartLimitBurst"]) * int(unit["Service"]["RestartSec"]) < 600
    assert unit["Unit"]["StartLimitIntervalSec"] == "10min"
    assert unit["Service"]["RestartPreventExitStatus"] == "2"


def test_nothing_takes_the_sound_or_the_keys_away() -> None:
    service = parsed(render(COMMAND))["Service"]
    forbidden = ("PrivateDevices", "DevicePolicy", "RestrictRealtime", "MemoryDenyWriteExecute")
    assert not set(forbidden) & set(service)
    assert service["NoNewPrivileges"] == "yes"


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("--set", "--set"),
        ("/a b", '"/a b"'),
        ("100%", "100%%"),
        ("%h %u", '"%%h %%u"'),
        ("$HOME", '"$HOME"'),
        ('say="no"', r'"say=\"no\""'),
        ("back\\slash", r'"back\\slash"'),
        ("", '""'),
        (";", '";"'),
        ("it's", '"it\'s"'),
        ("two\nlines\t", r'"two\x0alines\x09"'),
        ("größer", '"größer"'),
    ],
)
def test_words_are_written_so_that_systemd_reads_them_back(word: str, written: str) -> None:
    unit = render(["/bin/echo", word])
    assert f"ExecStart=:/bin/echo {written}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
@pytest.mark.parametrize(
    "folder", ["plain", "with space", "100% $HOME größer", "o'brien", 'a "b" \\ c']
)
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, folder: str) -> None:
    python = tmp_path / folder / "python3"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    unit = tmp_path / UNIT
    command = [str(python), "-m", "heisenberg", "run", "--set", "llm.system_prompt=100% $HOME; yes"]
    unit.write_text(render(command))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine that systemd runs, and on it user 1000."""
    world = systemd_world(tmp_path, tmp_path / "units" / UNIT)
    monkeypatch.setenv("PATH", str(world.programs))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path)
    monkeypatch.setattr(systemd, "_SESSIONS", tmp_path / "sessions")
    return world


@pytest.fixture
def service(world: World) -> SystemdService:
    return SystemdService(world.file.parent)


def test_an_installation_tells_systemd_of_the_new_unit_before_it_starts_it(
    world: World, service: SystemdService
) -> None:
    service.install(COMMAND)
    verbs = [call.split()[2] for call in world.calls() if call.startswith("systemctl")]
    assert verbs.index("daemon-reload") < verbs.index("enable") < verbs.index("restart")
    assert verbs.index("reset-failed") < verbs.index("restart")


def test_systemd_itself_undoes_what_a_changed_unit_hooked_into(
    world: World, service: SystemdService
) -> None:
    service.install(COMMAND)
    service.uninstall()
    verbs = [call.split()[2] for call in world.calls() if call.startswith("systemctl")]
    assert verbs.index("stop") < verbs.index("disable")


def test_a_start_that_fails_is_explained_by_the_last_error_in_the_log(
    world: World, service: SystemdService
) -> None:
    world.set("crashes")
    world.set("journal", "Starting.\nheisenberg: There is no microphone.\n  Connect one.\n")
    with pytest.raises(ServiceError) as failed:
        service.install(COMMAND)
    assert failed.value.message == (
        "Heisenberg is installed but did not start: There is no microphone."
    )
    assert "journalctl --user -u heisenberg" in failed.value.hint


def test_without_a_log_systemd_explains_it(world: World, service: SystemdService) -> None:
    world.set("crashes")
    (world.programs / "journalctl").unlink()
    with pytest.raises(ServiceError, match=r"start: Job .* failed because of its exit code\.$"):
        try:
            service.install(COMMAND)
        except ServiceError as exc:
            raise ServiceError(exc.message) from exc


def test_the_status_shows_what_was_logged_last(world: World, service: SystemdService) -> None:
    service.install(COMMAND)
    world.set("journal", "heisenberg: an old error\n  and its hint\nStarting.\nReady.\n\n")
    status = service.status()
    assert status.last_line == "Ready."
    assert status.log == "journalctl --user -u heisenberg"


@pytest.mark.parametrize(("said", "lingering"), [("yes", True), ("no", False), ("", None)])
def test_lingering_is_reported_and_its_lack_explained(
    world: World, service: SystemdService, said: str, lingering: bool | None
) -> None:
    world.set("lingering", said)
    status = service.status()
    assert status.lingering is lingering
    assert bool(status.notes) is (lingering is False)
    for note in status.notes:
        assert "when you log out" in note
        assert f"loginctl enable-linger {psutil.Process().username()}" in note


def test_a_system_without_loginctl_does_not_say_whether_it_lingers(
    world: World, service: SystemdService
) -> None:
    (world.programs / "loginctl").unlink()
    assert service.status().lingering is None


def test_root_without_a_session_is_sent_back(
    world: World, service: SystemdService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    world.set("refuses", NO_BUS)
    with pytest.raises(ServiceError, match=r"no session of yours.*No medium found") as refused:
        service.install(COMMAND)
    assert "without sudo" in refused.value.hint


def test_a_user_without_a_session_learns_how_to_get_one(
    world: World, service: SystemdService
) -> None:
    world.set("refuses", NO_BUS)
    with pytest.raises(ServiceError) as refused:
        service.install(COMMAND)
    assert "sudo loginctl enable-linger" in refused.value.hint


def test_a_session_that_the_environment_does_not_name_is_named(
    world: World, service: SystemdService, tmp_path: Path
) -> None:
    world.set("refuses", NO_BUS)
    (tmp_path / "sessions" / "1000" / "systemd").mkdir(parents=True)
    with pytest.raises(ServiceError) as refused:
        service.install(COMMAND)
    assert refused.value.hint.startswith(
        f"Run: export XDG_RUNTIME_DIR={tmp_path / 'sessions' / '1000'},"
    )


def test_a_container_is_told_apart_from_a_missing_session(
    world: World, service: SystemdService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "_BOOTED", tmp_path / "not there")
    world.set("refuses", NO_BUS)
    with pytest.raises(ServiceError, match="systemd does not run this machine"):
        service.status()


def test_a_masked_unit_is_left_alone(world: World, service: SystemdService) -> None:
    world.file.parent.mkdir(parents=True)
    world.file.symlink_to("/dev/null")
    with pytest.raises(ServiceError, match="is masked") as refused:
        service.install(COMMAND)
    assert "unmask" in refused.value.hint
    assert world.file.is_symlink()


def test_a_systemd_that_looks_elsewhere_is_explained(world: World, service: SystemdService) -> None:
    world.set("looks-elsewhere")
    with pytest.raises(ServiceError, match="does not look for units in") as refused:
        service.install(COMMAND)
    assert "XDG_CONFIG_HOME" in refused.value.hint


def test_root_is_told_that_there_may_be_no_sound(
    world: World, service: SystemdService, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world
    assert service.install(COMMAND) == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (note,) = service.install(COMMAND)
    assert "You are root" in note


def test_the_unit_goes_where_the_users_configuration_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = systemd_world(tmp_path, tmp_path / "elsewhere" / "systemd" / "user" / UNIT)
    monkeypatch.setenv("PATH", str(world.programs))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    SystemdService.find().install(COMMAND)
    assert world.file.is_file()
