"""Programs speak and listen in a room over the control socket, and as tools of a coding agent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from heisenberg.core.app import App, Spoken
from heisenberg.core.bus import Bus
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import InputError, NoRoom, TurnError
from heisenberg.core.services import Services
from heisenberg.core.state import State
from heisenberg.service.control import Handler
from heisenberg.service.guest_commands import guest_commands
from heisenberg.wake.trigger import PushToTalk
from tests.fakes.daemon import SOON_S, Program, ask, control_server, short_folder
from tests.fakes.mcp_agents import over_stdio, told
from tests.fakes.speech import silence
from tests.fakes.stt import ScriptedStt
from tests.integration.scene import QUESTION, Scene, playing

ANSWER = "Use the second one."


def _commands(scene: Scene) -> dict[str, Handler]:
    conversation, services = cast(Conversation, None), cast(Services, None)
    spoken = Spoken(scene.room, PushToTalk(scene.room), conversation, "")
    return guest_commands(App(scene.bus, services, spoken))


@asynccontextmanager
async def _room() -> AsyncIterator[tuple[Scene, Path]]:
    """A quiet room, and the socket where it is reached."""
    with short_folder() as folder:
        socket = folder / "control.sock"
        async with control_server(socket) as server, playing(silence(0.5)) as scene:
            unregister = server.register(_commands(scene))
            yield scene, socket
            unregister()


async def test_a_program_speaks() -> None:
    async with _room() as (scene, socket):
        assert (await ask(socket, "say", text="The build is done."))["heard"] is True
    assert scene.tts.spoken == ["The build is done."]


async def test_a_program_is_told_what_the_user_says() -> None:
    async with playing(QUESTION, stt=ScriptedStt((ANSWER,))) as scene:
        request = {"wait_s": 600, "at_once": False}
        parts = [dict(part) async for part in _commands(scene)["listen"](request)]
    assert parts[-1] == {"ok": True, "text": ANSWER}
    assert not scene.llm.requests


async def test_who_hangs_up_is_not_listened_for_any_more() -> None:
    async with _room() as (scene, socket):
        program = await Program.connect(socket)
        program.writer.write(b'{"do": "listen", "wait_s": 600, "at_once": true}\n')
        await scene.until_state(State.LISTENING)
        with pytest.raises(TurnError, match="Another program is listening"):
            await ask(socket, "listen", wait_s=0)
        await program.leave()
        async with asyncio.timeout(SOON_S):
            while not await _is_free(socket):
                assert not scene.running.done()


async def _is_free(socket: Path) -> bool:
    try:
        return not (await ask(socket, "listen", wait_s=0))["text"]
    except TurnError:
        return False


@pytest.mark.parametrize(
    ("do", "request_", "problem"),
    [
        ("say", {}, "no word to say"),
        ("say", {"text": 7}, "no word to say"),
        ("say", {"text": "…"}, "no word to say"),
        ("say", {"text": "word " * 1000}, "longer than 2000"),
        ("listen", {}, "how long to wait"),
        ("listen", {"wait_s": -1}, "how long to wait"),
        ("listen", {"wait_s": float("nan")}, "how long to wait"),
    ],
)
async def test_what_can_not_be_asked_is_told(
    do: str, request_: dict[str, Any], problem: str
) -> None:
    async with _room() as (_, socket):
        with pytest.raises(InputError, match=problem):
            await ask(socket, do, **request_)


async def test_without_sound_there_is_nobody_to_talk_to() -> None:
    commands = guest_commands(App(Bus(time.monotonic), cast(Services, None), None))
    for do, request in (("say", {"text": "Hello."}), ("listen", {"wait_s": 1})):
        with pytest.raises(NoRoom):
            await anext(commands[do](request))


async def test_a_coding_agent_speaks_and_listens() -> None:
    async with _room() as (scene, socket), over_stdio(f"control.socket={socket}") as agent:
        assert await told(agent, "say", text="Which one?") == "It was said."
        assert await told(agent, "listen", at_once=True, wait_s=1) == "Nothing was said."
    assert scene.tts.spoken[0] == "Which one?"
