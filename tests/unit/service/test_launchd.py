"""The agent that is written for launchd, and what is said where launchd can't run it."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path

import pytest

from heisenberg.core.errors import ServiceError
from heisenberg.core.lifecycle import STOP_BUDGET_S
from heisenberg.service.launchd import LABEL, LaunchdAgent, render
from tests.fakes.service_managers import World, launchd_world

MOST_PARTS = 16
"""More than a daemon has."""

COMMAND = ["/opt/a <b> & c/python", "-m", "heisenberg", "run"]


def test_the_agent_has_every_key_that_launchd_needs() -> None:
    log = Path("/Users/me/Library/Logs/heisenberg/heisenberg.log")
    agent = plistlib.loads(render(COMMAND, log).encode())
    assert agent.pop("ExitTimeOut") > MOST_PARTS * STOP_BUDGET_S
    assert agent.pop("ThrottleInterval") >= 10
    assert agent == {
        "Label": LABEL,
        "ProgramArguments": COMMAND,
        "WorkingDirectory": str(Path.home()),
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
        "LimitLoadToSessionType": "Aqua",
        "ProcessType": "Interactive",
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "Umask": 0o077,
    }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A Mac with user 501 at its screen."""
    world = launchd_world(tmp_path, tmp_path / "LaunchAgents" / f"{LABEL}.plist")
    monkeypatch.setenv("PATH", str(world.programs))
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    return world


@pytest.fixture
def agent(world: World, tmp_path: Path) -> LaunchdAgent:
    return LaunchdAgent(world.file.parent, tmp_path / "Logs" / "h.log", sleep=lambda _s: None)


def test_the_agent_is_loaded_into_the_session_at_the_screen(
    world: World, agent: LaunchdAgent, tmp_path: Path
) -> None:
    agent.install(COMMAND)
    assert world.calls()[-2:] == [
        f"launchctl bootstrap gui/501 {world.file}",
        f"launchctl kickstart gui/501/{LABEL}",
    ]
    assert (tmp_path / "Logs").is_dir()


def test_the_microphones_permission_is_explained(agent: LaunchdAgent) -> None:
    (note,) = agent.install(COMMAND)
    assert "heisenberg run" in note
    assert "Privacy & Security > Microphone" in note


def test_a_new_one_is_loaded_only_when_launchd_has_let_go_of_the_old_one(
    world: World, agent: LaunchdAgent
) -> None:
    agent.install(COMMAND)
    agent.install([*COMMAND, "--set", "llm.seed=7"])
    assert "llm.seed=7" in world.runs()


def test_an_agent_that_was_disabled_is_enabled_again(world: World, agent: LaunchdAgent) -> None:
    agent.install(COMMAND)
    world.set("disabled")
    assert not agent.status().enabled
    agent.install(COMMAND)
    assert agent.status().enabled


def test_what_launchctl_refuses_is_one_line(world: World, agent: LaunchdAgent) -> None:
    world.set("leaving", "1\n" * 2)
    world.file.parent.mkdir()
    broken = world.programs / "launchctl"
    broken.write_text(broken.read_text().replace('cp "$3" loaded', "exit 5"))
    with pytest.raises(ServiceError, match="'launchctl bootstrap' failed") as refused:
        agent.install(COMMAND)
    assert f"launchctl print gui/501/{LABEL}" in refused.value.hint


def test_without_a_session_at_the_screen_the_user_is_sent_there(
    world: World, agent: LaunchdAgent
) -> None:
    world.set("refuses", "Could not find domain for user gui: 501\n")
    with pytest.raises(ServiceError, match=r"not logged in at the screen.*gui: 501\.") as refused:
        agent.status()
    assert "Log in there" in refused.value.hint


def test_root_is_sent_back(
    world: World, agent: LaunchdAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ServiceError, match="you are root") as refused:
        agent.install(COMMAND)
    assert "without sudo" in refused.value.hint
    assert world.calls() == []


def test_the_status_names_the_log_and_its_last_line(
    world: World, agent: LaunchdAgent, tmp_path: Path
) -> None:
    del world
    agent.install(COMMAND)
    assert agent.status().last_line == ""
    (tmp_path / "Logs" / "h.log").write_text("x" * 10_000 + "\nStarting.\nReady.\n\n")
    status = agent.status()
    assert status.last_line == "Ready."
    assert status.log == f"tail {tmp_path / 'Logs' / 'h.log'}"
    assert status.lingering is None
