"""What can be asked of a running room from outside: push-to-talk, silence, the microphone."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Protocol

from heisenberg.core.errors import NoRoom
from heisenberg.service.control import Handler
from heisenberg.service.wire import FORGET, Command
from heisenberg.wake.base import TalkButton


class Microphone(Protocol):
    """A room, as far as it can be asked how it is and be made deaf."""

    @property
    def state(self) -> str:
        """``IDLE``, ``LISTENING``, ``THINKING`` or ``SPEAKING``."""
        ...

    @property
    def muted(self) -> bool: ...

    @property
    def drafting(self) -> str:
        """``on``, ``off`` or, where it was given up, ``slow_machine``."""
        ...

    async def mute(self) -> None:
        """Hear nothing from now on."""
        ...

    async def unmute(self) -> None:
        """Hear again."""
        ...


def forget_command(forget: Callable[[], Awaitable[None]]) -> dict[str, Handler]:
    """A handler for ``FORGET``."""

    async def answer(_request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        await forget()
        yield {"ok": True}

    return {FORGET: answer}


def room_commands(button: TalkButton, room: Microphone) -> dict[str, Handler]:
    """Handlers for every ``Command``; each answers with how the room then is."""

    async def nothing() -> None:
        return

    def handler(act: Callable[[], Awaitable[None]]) -> Handler:
        async def answer(_request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
            await act()
            yield {
                "ok": True,
                "state": room.state,
                "muted": room.muted,
                "drafting": room.drafting,
                "pid": os.getpid(),
            }

        return answer

    acts: dict[Command, Callable[[], Awaitable[None]]] = {
        Command.DOWN: button.press,
        Command.UP: button.release,
        Command.PRESS: button.tap,
        Command.STOP: button.cancel,
        Command.MUTE: room.mute,
        Command.UNMUTE: room.unmute,
        Command.STATUS: nothing,
    }
    return {command.value: handler(act) for command, act in acts.items()}


def soundless_commands() -> dict[str, Handler]:
    """The same where there is no room: it can be asked how it is, and nothing else."""

    async def tell(_request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        yield {
            "ok": True,
            "state": "without sound",
            "muted": False,
            "drafting": "off",
            "pid": os.getpid(),
        }

    def refuse(_request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        raise NoRoom("Heisenberg runs without sound.", "Start it without --no-audio.")

    return {command.value: tell if command is Command.STATUS else refuse for command in Command}
