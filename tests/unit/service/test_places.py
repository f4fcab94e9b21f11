"""Where the daemon's files are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from heisenberg.core.errors import ConfigError
from heisenberg.service.places import Places


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's runtime folder."""
    folder = tmp_path / "session"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


linux = pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are Linux's")


@linux
def test_the_session_has_the_socket_and_the_state_outlives_it(session: Path) -> None:
    places = Places.find()
    assert places.control_socket(None) == session / "heisenberg" / "control.sock"
    assert places.state == session.parent / "state" / "heisenberg"
    assert places.logs.is_relative_to(places.state)


@linux
def test_without_a_session_of_ones_own_the_socket_lies_with_the_state(
    session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run")
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert Places.find().runtime == session.parent / "state" / "heisenberg" / "run"


def test_a_path_of_the_users_own_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/walter")
    places = Places.find()
    assert places.control_socket(Path("h.sock")) == tmp_path / "h.sock"
    assert places.control_socket(Path("~/h.sock")) == Path("/home/walter/h.sock")


def test_the_longest_path_is_one_that_can_be_bound() -> None:
    longest = 103 if sys.platform == "darwin" else 107
    places = Places.find()
    assert places.control_socket(Path("/" + "x" * (longest - 1)))
    with pytest.raises(ConfigError, match=f"{longest + 1} bytes") as caught:
        places.control_socket(Path("/" + "x" * longest))
    assert "control.socket" in caught.value.hint
    with pytest.raises(ConfigError):
        places.control_socket(Path("/" + "é" * (longest // 2 + 1)))


@linux
def test_the_runtime_folder_is_closed_to_others(session: Path) -> None:
    places = Places.find()
    socket = places.control_socket(None)
    for before in (None, 0o755):
        if before is not None:
            socket.parent.chmod(before)
        places.prepare(socket)
        assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert not socket.exists()
    del session


@linux
def test_a_runtime_folder_that_is_not_ones_own_is_refused(session: Path) -> None:
    elsewhere = session.parent / "elsewhere"
    elsewhere.mkdir()
    (session / "heisenberg").symlink_to(elsewhere)
    places = Places.find()
    with pytest.raises(ConfigError, match="not a folder of your own") as caught:
        places.prepare(places.control_socket(None))
    assert "control.socket" in caught.value.hint


def test_a_folder_of_the_users_own_has_to_exist(tmp_path: Path) -> None:
    places = Places.find()
    places.prepare(tmp_path / "h.sock")
    with pytest.raises(ConfigError, match="does not exist"):
        places.prepare(tmp_path / "nowhere" / "h.sock")
