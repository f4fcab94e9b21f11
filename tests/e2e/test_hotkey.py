"""Push-to-talk as a user has it: a key on a real X display, and the command beside it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from heisenberg.core.config.turn import KeyConfig
from heisenberg.core.errors import HeisenbergError
from heisenberg.service.remote import forget_command, room_commands
from heisenberg.wake.hotkey import open_hotkey
from heisenberg.wake.trigger import PushToTalk, follow_key
from tests.fakes.daemon import control_server, short_folder
from tests.fakes.display import MISSING, Display, is_available, x_display
from tests.fakes.trigger import ScriptedRoom

pytestmark = pytest.mark.skipif(not is_available(), reason=MISSING)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    with x_display(monkeypatch) as screen:
        yield screen


@pytest.fixture
def socket() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "control.sock"


@asynccontextmanager
async def _daemon(socket: Path, mode: Literal["hold", "tap"]) -> AsyncIterator[ScriptedRoom]:
    """What a daemon has of push-to-talk, around a room that notes what is done to it."""

    def fail(error: HeisenbergError) -> None:
        pytest.fail(f"no press failed: {error}")

    room = ScriptedRoom()
    talk = PushToTalk(room)
    async with control_server(socket) as server:
        server.register({**room_commands(talk, room), **forget_command(room.forget)})
        key = await open_hotkey(KeyConfig(name="F9", mode=mode, backend="pynput"))
        following = asyncio.create_task(follow_key(key, mode, talk, fail))
        yield room
        await key.aclose()
        await following


async def _trigger(socket: Path, what: str) -> None:
    command = [sys.executable, "-m", "heisenberg", "trigger", what]
    command += ["--set", f"control.socket={socket}"]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)


async def test_hold_to_talk_by_key_and_by_command(screen: Display, socket: Path) -> None:
    async with _daemon(socket, "hold") as room:
        await asyncio.to_thread(screen.hold)
        assert await room.until(1) == ["press"]
        await asyncio.to_thread(screen.release)
        assert await room.until(2) == ["press", "release"]
        await _trigger(socket, "down")
        await _trigger(socket, "up")
        await asyncio.to_thread(screen.press)
        assert await room.until(5) == ["press", "release"] * 2 + ["press"]
        await _trigger(socket, "stop")
        assert room.done[-1] == "cancel"
    assert room.done[-1] == "release"  # the key was still down when its watching ended


async def test_tap_to_talk_by_key_and_by_command(screen: Display, socket: Path) -> None:
    async with _daemon(socket, "tap") as room:
        for _ in range(2):
            await asyncio.to_thread(screen.hold)
            await asyncio.to_thread(screen.release)
        await room.until(2)
        await _trigger(socket, "press")
        assert room.done == ["tap", "tap", "tap"]
