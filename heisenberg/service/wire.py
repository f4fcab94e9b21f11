"""What goes over the control socket: a JSON object a line, each way.

A request names what to do: ``{"do": "down"}``. Its answer is any number of objects; the last one,
and no other, has ``ok``: ``{"ok": true, "state": "LISTENING"}`` or ``{"ok": false, "code": ...,
"message": ..., "hint": ...}``, with the code of an error in ``heisenberg.core.errors``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from heisenberg.core.errors import HeisenbergError

MAX_LINE_BYTES: Final = 64 * 1024
"""A request is no longer than this."""


FORGET: Final = "forget"
"""What ``heisenberg forget`` asks for."""


ASK: Final = "ask"
"""Answer ``text`` in the conversation of ``who``: objects with a ``piece`` each, then the whole."""


SEARCH: Final = "search"
"""The passages of the owner's documents that have to do with ``text``, at most ``limit``."""


LONGEST_SAID: Final = 2000
"""Characters that are said at once."""


class GuestCommand(StrEnum):
    """What a program can ask of a room. Until it is done, an empty object comes every second."""

    SAY = "say"
    """Say ``text`` aloud, of at most ``LONGEST_SAID`` characters."""
    LISTEN = "listen"
    """What does the user say within ``wait_s``, when called or ``at_once``?"""


class TimerCommand(StrEnum):
    """What a program can ask about timers; each answer has all that then run."""

    LIST = "timers"
    SET = "set_timer"
    """Set one of ``seconds``, with a ``name``."""
    CANCEL = "cancel_timer"
    """Cancel the one with ``id``."""


class ModelCommand(StrEnum):
    """What ``heisenberg models`` can ask of a running Heisenberg."""

    LOADED = "models"
    """Which language models are in memory?"""
    USE = "use_model"
    """Answer with ``model`` from now on."""
    UNLOAD = "unload_model"
    """Take ``model`` out of memory."""


class Command(StrEnum):
    """What ``heisenberg trigger`` can ask for."""

    DOWN = "down"
    """Press the key: listen, whatever is going on."""
    UP = "up"
    """Let it go: answer what was said."""
    PRESS = "press"
    """Tap it: listen; while listening, answer what was said."""
    STOP = "stop"
    """Be silent and listen no more, until called again."""
    MUTE = "mute"
    UNMUTE = "unmute"
    STATUS = "status"


def encode(message: Mapping[str, Any]) -> bytes:
    """One line, with its end."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object in a line; raises ``ValueError`` when there is none."""
    try:
        message = json.loads(line)
    except RecursionError as exc:
        raise ValueError("it is nested too deeply") from exc
    if not isinstance(message, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - what came is data, not a fault of ours
    return message


def refusal(error: HeisenbergError) -> dict[str, Any]:
    """The answer that carries ``error``."""
    return {"ok": False, "code": error.code, "message": error.message, "hint": error.hint}
