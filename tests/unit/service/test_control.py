"""The control socket: what can be asked, and what harms the daemon (nothing)."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog

from heisenberg.core.errors import EngineError, InputError, NotRunning, ServiceError
from heisenberg.service import control
from heisenberg.service.control import ControlServer, Limits
from heisenberg.service.remote import forget_command, room_commands
from heisenberg.service.wire import MAX_LINE_BYTES
from tests.fakes.daemon import SOON_S, Program, ask, control_server, short_folder
from tests.fakes.trigger import ScriptedRoom

STATUS = b'{"do": "status"}\n'


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "control.sock"


@pytest.fixture
def room() -> ScriptedRoom:
    return ScriptedRoom()


@pytest_asyncio.fixture
async def server(path: Path, room: ScriptedRoom) -> AsyncIterator[ControlServer]:
    async with control_server(path) as server:
        server.register({**room_commands(room, room), **forget_command(room.forget)})
        yield server


@pytest_asyncio.fixture
async def program(path: Path, server: ControlServer) -> AsyncIterator[Program]:
    del server
    program = await Program.connect(path)
    yield program
    await program.leave()


class _Flood:
    """An answer without an end; ``ended`` is set when it was ended."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def answer(self, _request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        try:
            while True:
                yield {"text": "x" * 1000}
        finally:
            self.ended.set()


async def _is_served(path: Path) -> bool:
    try:
        return bool((await ask(path, "status"))["ok"])
    except ServiceError:
        return False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- what can be asked ---------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
async def test_every_command_does_what_it_says_and_answers_with_the_state(
    path: Path, room: ScriptedRoom
) -> None:
    commands = {"down": "press", "up": "release", "press": "tap", "stop": "cancel"}
    for command, act in commands.items():
        answer = await ask(path, command)
        assert room.done.pop() == act
        listening = command in ("down", "press")
        assert answer["ok"] is True
        assert answer["state"] == ("LISTENING" if listening else "IDLE")
    assert (await ask(path, "mute"))["muted"] is True
    assert (await ask(path, "status"))["muted"] is True
    assert (await ask(path, "unmute"))["muted"] is False
    assert (await ask(path, "status"))["pid"] == os.getpid()


@pytest.mark.usefixtures("server")
async def test_an_error_of_the_room_reaches_who_asked_as_it_is(
    path: Path, room: ScriptedRoom
) -> None:
    room.errors = {"press": EngineError("The detector failed.", "Try again.")}
    with pytest.raises(EngineError, match="The detector failed") as caught:
        await ask(path, "down")
    assert caught.value.hint == "Try again."
    assert (await ask(path, "up"))["ok"] is True


async def test_a_registered_request_may_be_answered_in_parts(
    path: Path, server: ControlServer
) -> None:
    async def count(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        for number in range(request["to"]):
            yield {"number": number}

    withdraw = server.register({"count": count})
    program = await Program.connect(path)
    assert await program.say(b'{"do": "count", "to": 2}\n') == {"number": 0}
    assert await program.hear() == {"number": 1}
    assert await program.hear() == {"ok": True}
    assert await ask(path, "count", to=3) == {"ok": True}
    withdraw()
    with pytest.raises(InputError):
        await ask(path, "count", to=3)
    await program.leave()


async def test_who_leaves_in_the_middle_of_an_answer_ends_it(
    path: Path, server: ControlServer
) -> None:
    flood = _Flood()
    server.register({"flood": flood.answer})
    program = await Program.connect(path)
    await program.say(b'{"do": "flood"}\n')
    await program.leave()
    async with asyncio.timeout(SOON_S):
        await flood.ended.wait()
    assert (await ask(path, "status"))["ok"] is True


async def test_a_fault_of_ours_is_answered_and_logged(path: Path, server: ControlServer) -> None:
    async def fail(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        yield {"share": 1 / request["parts"]}

    server.register({"fail": fail})
    with (
        structlog.testing.capture_logs() as logged,
        pytest.raises(ServiceError, match="division by zero"),
    ):
        await ask(path, "fail", parts=0)
    assert [entry["log_level"] for entry in logged] == ["error"]
    assert (await ask(path, "status"))["ok"] is True


async def test_until_the_room_is_there_it_says_that_it_is_starting(path: Path) -> None:
    async with control_server(path):
        with pytest.raises(NotRunning, match="starting"):
            await ask(path, "down")


# -- what must not harm it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b'"down"\n',
        b"{}\n",
        b'{"do": 7}\n',
        b'{"do": ["down"]}\n',
        b'{"do": "explode"}\n',
        b'{"do": "down"\n',
        b"\xff\xfe\x00\n",
        b"[" * 60_000 + b"\n",
        b'{"do": ' + b"9" * 60_000 + b"}\n",
    ],
    ids=range(12),
)
async def test_what_is_no_request_gets_a_clear_answer_and_the_next_one_works(
    program: Program, room: ScriptedRoom, line: bytes
) -> None:
    answer = await program.say(line)
    assert (answer["ok"], answer["code"]) == (False, "input")
    assert answer["message"]
    assert answer["hint"]
    assert (await program.say(STATUS))["ok"] is True
    assert not room.done


async def test_a_huge_line_is_refused_and_its_sender_let_go(path: Path, program: Program) -> None:
    program.writer.write(b"x" * (8 * MAX_LINE_BYTES))
    answer = await program.hear()
    assert answer["code"] == "input"
    assert str(MAX_LINE_BYTES) in answer["message"]
    assert await program.is_let_go()
    assert (await ask(path, "status"))["ok"] is True


async def test_the_longest_line_is_answered(program: Program) -> None:
    line = b'{"do": "status", "more": "' + b"x" * MAX_LINE_BYTES
    assert (await program.say(line[: MAX_LINE_BYTES - 3] + b'"}\n'))["ok"] is True


async def test_half_a_line_is_no_request(program: Program, path: Path, room: ScriptedRoom) -> None:
    program.writer.write(b'{"do": "down"}')
    program.writer.write_eof()
    assert await program.is_let_go()
    assert (await ask(path, "status"))["ok"] is True
    assert not room.done


async def test_who_leaves_before_the_answer_has_still_pressed_the_key(
    program: Program, room: ScriptedRoom
) -> None:
    room.gates["press"] = asyncio.Event()
    program.writer.write(b'{"do": "down"}\n')
    await program.writer.drain()
    await program.leave()
    room.gates["press"].set()
    assert await room.until(1) == ["press"]


@pytest.mark.usefixtures("server")
async def test_fifty_programs_at_once_are_all_answered(path: Path, room: ScriptedRoom) -> None:
    programs = [await Program.connect(path) for _ in range(50)]
    answers = await asyncio.gather(*(each.say(b'{"do": "press"}\n') for each in programs))
    assert [answer["ok"] for answer in answers] == [True] * 50
    assert room.done == ["tap"] * 50
    for each in programs:
        await each.leave()


async def test_more_programs_than_the_limit_are_refused_until_one_leaves(
    path: Path, room: ScriptedRoom
) -> None:
    async with control_server(path, Limits(clients=2)) as server:
        server.register({**room_commands(room, room), **forget_command(room.forget)})
        programs = [await Program.connect(path) for _ in range(2)]
        for each in programs:
            assert (await each.say(STATUS))["ok"] is True
        with pytest.raises(ServiceError, match="Too many"):
            await ask(path, "status")
        await programs[0].leave()
        async with asyncio.timeout(SOON_S):
            while not await _is_served(path):  # until its leaving is noticed
                continue
        await programs[1].leave()


async def test_who_asks_nothing_or_takes_no_answer_is_let_go(path: Path) -> None:
    flood = _Flood()
    async with control_server(path, Limits(idle_s=0.05, stalled_s=0.05)) as server:
        server.register({"flood": flood.answer})
        idle = await Program.connect(path)
        assert await idle.is_let_go()
        await idle.leave()
        with socket.socket(socket.AF_UNIX) as stalled:
            stalled.setblocking(False)
            stalled.connect(str(path))
            stalled.send(b'{"do": "flood"}\n')
            async with asyncio.timeout(SOON_S):
                await flood.ended.wait()


@pytest.mark.parametrize("steps", [*range(6), None])
async def test_whoever_arrives_while_it_closes_is_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int | None
) -> None:
    programs = [socket.socket(socket.AF_UNIX) for _ in range(5)]

    def arrive() -> None:
        for each in programs:
            each.setblocking(False)
            each.connect(str(path))

    def arrive_at_last(path: Path, inode: int) -> None:
        arrive()
        remove(path, inode)

    remove = control._remove
    async with control_server(path):
        if steps is None:
            monkeypatch.setattr(control, "_remove", arrive_at_last)
        else:
            arrive()
            for _ in range(steps):  # so far they are taken in
                await asyncio.sleep(0)
    for each in programs:
        assert await asyncio.get_running_loop().sock_recv(each, 1) == b""
        each.close()
    gc.collect()  # a connection that was forgotten warns now


# -- whose it is ---------------------------------------------------------------------------------


async def test_the_socket_is_the_users_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        async with control_server(path):
            assert os.umask(0) == 0
            assert _mode(path) == 0o600
            assert _mode(path.with_name("control.sock.lock")) == 0o600
    finally:
        os.umask(before)


async def test_another_user_is_refused_at_both_ends(
    program: Program, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await program.say(STATUS))["ok"] is True
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(ServiceError, match=r"The Heisenberg at .* belongs to another user"):
        await ask(path, "down")
    other = await Program.connect(path)
    answer = await other.hear()
    assert (answer["ok"], answer["code"]) == (False, "service")
    assert await other.is_let_go()
    await other.leave()
