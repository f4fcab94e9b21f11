"""``heisenberg trigger``, as a desktop runs it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.core.errors import EngineError
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.history.file import HistoryFile
from heisenberg.service.places import Places
from heisenberg.service.remote import forget_command, room_commands
from tests.fakes.daemon import control_server, short_folder
from tests.fakes.trigger import ScriptedRoom
from tests.unit.cli.test_start import NATIVE


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's runtime folder."""
    with short_folder() as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        monkeypatch.setenv("HOME", str(folder))
        yield folder


@pytest_asyncio.fixture
async def room(session: Path) -> AsyncIterator[ScriptedRoom]:
    """A daemon runs, with this room."""
    del session
    room = ScriptedRoom()
    async with control_server(None) as server:
        server.register({**room_commands(room, room), **forget_command(room.forget)})
        yield room


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heisenberg", "trigger", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


async def _trigger(*arguments: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(_run, *arguments)


async def test_a_held_key_a_tapped_one_and_stop_reach_the_room_quietly(room: ScriptedRoom) -> None:
    for what in ("down", "up", "press", "stop"):
        ended = await _trigger(what)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert room.done == ["press", "release", "tap", "cancel"]


async def test_the_running_daemon_forgets_and_so_does_the_disk(
    room: ScriptedRoom, session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(session / "state"))
    path = (await asyncio.to_thread(Places.find)).history
    await asyncio.to_thread(HistoryFile(path).save, ConversationHistory(3))
    command = [sys.executable, "-m", "heisenberg", "forget"]
    ended = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Forgotten" in ended.stdout
    assert room.done == ["forget"]
    assert not await asyncio.to_thread(path.exists)


async def test_status_says_what_the_room_does_and_whether_it_hears(room: ScriptedRoom) -> None:
    process = f" (process {os.getpid()})\ndrafting: on\n"
    assert (await _trigger("status")).stdout == f"IDLE{process}"
    assert (await _trigger("mute")).stdout == ""
    assert room.muted
    assert (await _trigger("status")).stdout == f"IDLE, muted{process}"
    await _trigger("unmute")
    assert not room.muted


async def test_status_says_that_the_machine_is_too_slow_for_drafts(room: ScriptedRoom) -> None:
    room.drafting = "slow_machine"
    assert (await _trigger("status")).stdout.endswith("drafting: off (slow machine)\n")


@pytest.mark.usefixtures("room")
async def test_json_is_one_document() -> None:
    answer = json.loads((await _trigger("down", "--json")).stdout)
    assert (answer["ok"], answer["state"], answer["muted"]) == (True, "LISTENING", False)


async def test_what_the_room_refuses_is_said(room: ScriptedRoom) -> None:
    room.errors = {"tap": EngineError("The detector failed.", "Try again.")}
    ended = await _trigger("press")
    assert ended.returncode == 1
    assert ended.stderr == "heisenberg: The detector failed.\n  Try again.\n"


@pytest.mark.usefixtures("session")
def test_without_a_daemon_it_says_how_to_start_one() -> None:
    ended = _run("down")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        "heisenberg: Heisenberg is not running.\n  Start it with 'heisenberg run'.\n"
    )


async def test_another_socket_can_be_named(room: ScriptedRoom, session: Path) -> None:
    (session / "h.toml").write_text(
        f'[control]\nsocket = "{session}/heisenberg/control.sock"\n', encoding="utf-8"
    )
    assert (await _trigger("down", "--config", str(session / "h.toml"))).returncode == 0
    assert room.done == ["press"]
    elsewhere = await _trigger("down", "--set", f"control.socket={session}/other.sock")
    assert "not running" in elsewhere.stderr
    assert room.done == ["press"]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "arguments", [(), ("shout",), ("down", "--set", "control.socket=" + "x" * 200)]
)
def test_wrong_use_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    ended = _run(*arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_it_loads_neither_an_engine_nor_an_event_loop() -> None:
    script = (
        "import sys, json, heisenberg.cli, heisenberg.service.client, heisenberg.service.places\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert not set(json.loads(ended.stdout)).intersection({*NATIVE, "asyncio"})
