"""Heisenberg as a server of tools, for coding agents and whoever speaks the protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from heisenberg import __version__
from heisenberg.mcp.library_log import quiet_library
from heisenberg.service.wire import ASK, LONGEST_SAID, SEARCH, GuestCommand, TimerCommand

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp.types import ContentBlock, Tool

Ask: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Takes a request of the control socket (``heisenberg.service.wire``) and returns the last object
of its answer. Raises ``HeisenbergError``."""

_INSTRUCTIONS: Final = (
    "Heisenberg is a voice assistant on the user's own machine. Use it to speak to the user and to "
    "hear their answer, to set timers, and to ask what their documents say."
)
_USUAL_WAIT_S: Final = 60
_LONGEST_WAIT_S: Final = 300


@dataclass(frozen=True, slots=True)
class _Tool:
    """What it asks of Heisenberg, with its arguments and what of the answer is told."""

    about: str
    do: str
    told: Callable[[Mapping[str, Any]], str]
    properties: Mapping[str, Any]
    required: tuple[str, ...] = ()
    reads_only: bool = False


def agent_server(ask: Ask, who: str) -> Server[Any, Any]:
    """Its tools ask with ``ask``; ``who`` names the conversation."""
    from mcp.server.lowlevel import Server
    from mcp.types import TextContent

    quiet_library()
    server: Server[Any, Any] = Server("heisenberg", __version__, _INSTRUCTIONS)

    @server.list_tools()  # type: ignore[no-untyped-call, untyped-decorator]
    async def listed() -> list[Tool]:
        return [_shown(name, tool) for name, tool in _TOOLS.items()]

    @server.call_tool()  # type: ignore[untyped-decorator]
    async def called(name: str, arguments: dict[str, Any]) -> list[ContentBlock]:
        tool = _TOOLS.get(name)
        if tool is None:
            raise ValueError(f"There is no tool '{name}'.")
        usual = {key: one["default"] for key, one in tool.properties.items() if "default" in one}
        answer = await ask({**usual, **arguments, "do": tool.do, "who": who})
        return [TextContent(type="text", text=tool.told(answer))]

    return server


def _shown(name: str, tool: _Tool) -> Tool:
    from mcp.types import Tool, ToolAnnotations

    schema = {
        "type": "object",
        "properties": tool.properties,
        "required": list(tool.required),
        "additionalProperties": False,
    }
    hints = ToolAnnotations(readOnlyHint=tool.reads_only, openWorldHint=False)
    return Tool(name=name, description=tool.about, inputSchema=schema, annotations=hints)


def _told_answer(answer: Mapping[str, Any]) -> str:
    sources = [f"{one['file']}:{one['line']}" for one in answer.get("sources", ())]
    return "\n".join([answer["text"], *(f"Source: {one}" for one in sources)])


def _told_timers(answer: Mapping[str, Any]) -> str:
    lines = [
        " ".join(
            part
            for part in (f"{one['id']}:", one["kind"], one["name"], f"({one['left_s']} s left)")
            if part
        )
        for one in answer["timers"]
    ]
    return "\n".join(lines) or "No timer runs."


def _told_passages(answer: Mapping[str, Any]) -> str:
    passages = [f"{one['file']}:{one['line']}\n{one['text']}" for one in answer["passages"]]
    return "\n\n".join(passages) or "The documents say nothing about it."


def _text(about: str, longest: int = LONGEST_SAID) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": about}


_TOOLS: Final[Mapping[str, _Tool]] = {
    "ask": _Tool(
        "Ask the assistant a question in writing; it answers from the user's documents where they "
        "say something about it. It also does what its skills do, as telling the time.",
        ASK,
        _told_answer,
        {"text": _text("The question.")},
        ("text",),
    ),
    "say": _Tool(
        "Speak a text aloud to the user; returns when it was heard. Keep it short and plain.",
        GuestCommand.SAY.value,
        lambda answer: "It was said." if answer["heard"] else "The user cut it short.",
        {"text": _text("What to say.")},
        ("text",),
    ),
    "listen": _Tool(
        "Wait until the user says something, and return their words; nothing answers them.",
        GuestCommand.LISTEN.value,
        lambda answer: answer["text"] or "Nothing was said.",
        {
            "wait_s": {
                "type": "number",
                "minimum": 1,
                "maximum": _LONGEST_WAIT_S,
                "default": _USUAL_WAIT_S,
                "description": "How many seconds to wait for the user to begin.",
            },
            "at_once": {
                "type": "boolean",
                "default": False,
                "description": "Listen at once, as after a question that was said; otherwise once "
                "the user has said the wake word or pressed the key.",
            },
        },
    ),
    "set_timer": _Tool(
        "Set a timer, which rings aloud. Returns all that run.",
        TimerCommand.SET.value,
        _told_timers,
        {
            "seconds": {"type": "integer", "minimum": 1, "description": "How long."},
            "name": _text("What it is called.", 100),
        },
        ("seconds",),
    ),
    "list_timers": _Tool(
        "The timers, alarms and reminders that run.",
        TimerCommand.LIST.value,
        _told_timers,
        {},
        reads_only=True,
    ),
    "cancel_timer": _Tool(
        "Cancel a timer. Returns those that still run.",
        TimerCommand.CANCEL.value,
        _told_timers,
        {"id": {"type": "integer", "description": "As list_timers tells it."}},
        ("id",),
    ),
    "search_docs": _Tool(
        "Find passages in the user's documents.",
        SEARCH,
        _told_passages,
        {
            "text": _text("What they are to be about."),
            "limit": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5},
        },
        ("text",),
        reads_only=True,
    ),
}
