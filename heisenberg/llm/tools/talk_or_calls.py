"""Talk and calls of tools, told apart in a reply while it is written."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from heisenberg.core.errors import InputError, TurnError
from heisenberg.llm.base import Tool, ToolCall
from heisenberg.llm.generation import Progress
from heisenberg.llm.structure import check_schema
from heisenberg.llm.tools.calls import read_calls

QWEN_MARKERS: Final = ("<tool_call>", "</tool_call>")
LFM2_MARKERS: Final = ("<|tool_call_start|>", "<|tool_call_end|>")

MOST_CHARACTERS: Final = 4000
"""Of one call: one that is longer has no end."""

_ENDS: Final = dict((QWEN_MARKERS, LFM2_MARKERS))
_FENCES: Final = {"": "", "```json": "```", "```": "```", "<tools>": "</tools>"}
"""What small models put a bare call in, and its end."""
_STARTS: Final = re.compile(r"[<`{]")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


def check_tools(tools: Sequence[Tool]) -> None:
    """Raises ``InputError`` unless each has a name of its own and takes an object by schema."""
    names = [tool.name for tool in tools]
    for tool in tools:
        if not _NAME.fullmatch(tool.name) or names.count(tool.name) > 1:
            raise InputError(
                f"A tool can't be called '{tool.name}'.",
                "Give each a name of its own, of letters, digits and underscores.",
            )
        check_schema(tool.parameters)
        if tool.parameters.get("type") != "object":
            raise InputError(
                f"The tool '{tool.name}' takes no named parameters.",
                "Its schema has the type 'object'.",
            )


async def without_calls(
    pieces: AsyncGenerator[str, None], tools: Sequence[Tool], progress: Progress
) -> AsyncGenerator[str, None]:
    """``pieces`` without the calls among them, which become ``progress.calls``.

    A call that can't be made, or has no end, is never spoken: ``TurnError`` is raised.
    """
    reader = CallReader(tools)
    async with aclosing(pieces):
        async for piece in pieces:
            if text := reader.add(piece):
                yield text
            progress.calls = tuple(reader.calls)
    rest = reader.end()
    progress.calls = tuple(reader.calls)
    if rest:
        yield rest


class CallReader:
    """Separates talk from calls as text comes in, cut anywhere.

    Calls are known by their markers, whichever family's, and by ``{"name": "<a tool>"``, with which
    models begin that were told of tools but hardly trained on them.
    """

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = tools
        self._bare = [f'{{"name":"{tool.name}"' for tool in tools]
        self._held = ""
        self._end: str | None = None
        """What ends the call whose text is held; nothing: its JSON itself; ``None``: no call."""
        self._closing: str | None = None
        """What may follow the call just read and is no talk, besides blanks."""
        self._said = False
        self.calls: list[ToolCall] = []

    def add(self, text: str) -> str:
        """The talk that is final now, perhaps empty. Raises ``TurnError``."""
        self._held += text
        said = ""
        while True:
            if self._end is None:
                talk = self._talk()
                said += talk if self._said else talk.lstrip()
                self._said = self._said or bool(said)
            if self._end is None or not self._call():
                return said

    def end(self) -> str:
        """What was held back, now that nothing follows. Raises ``TurnError``."""
        if self._end is None:
            return self._held if self._closing is None else ""
        # Some models forget the marker of the end, none the end of what is within.
        self.calls += read_calls(self._held, self._tools)
        return ""

    def _talk(self) -> str:
        """The talk before the next call, or before what may become one."""
        if self._closing is not None and not self._closed():
            return ""
        for found in _STARTS.finditer(self._held):
            at = found.start()
            begins, size, closing = self._begins(self._held[at:])
            if not begins:
                continue
            talk, self._held = self._held[:at], self._held[at + size :]
            if begins == "call":
                self._end = closing
            return talk
        talk, self._held = self._held, ""
        return talk

    def _begins(self, text: str) -> tuple[str, int, str]:
        """Whether ``text`` begins with a "call", or is what "perhaps" becomes the beginning of one;
        how long its marker is, and what ends it."""
        for marker, end in _ENDS.items():
            if text.startswith(marker):
                return "call", len(marker), end
            if marker.startswith(text):
                return "perhaps", 0, ""
        squeezed = re.sub(r"\s+", "", text)
        for fence, closing in _FENCES.items():
            for bare in self._bare:
                if squeezed.startswith(fence + bare):
                    self._closing = closing
                    return "call", text.index("{"), ""
                if (fence + bare).startswith(squeezed):
                    return "perhaps", 0, ""
        return "", 0, ""

    def _call(self) -> bool:
        """Read the call that is held, if it is complete."""
        size, marker = self._size()
        if size is None:
            if len(self._held) > MOST_CHARACTERS:
                raise TurnError(
                    "The language model calls a tool and finds no end.",
                    "Ask in other words, or choose a larger model.",
                )
            return False
        self.calls += read_calls(self._held[:size], self._tools)
        self._held = self._held[size + marker :]
        self._end = None
        self._closing = self._closing or ""
        return True

    def _size(self) -> tuple[int | None, int]:
        """How long the call is, ``None`` until that is known, and the marker behind it."""
        if self._end:
            at = self._held.find(self._end)
            return (None if at < 0 else at), len(self._end)
        try:
            return json.JSONDecoder().raw_decode(self._held)[1], 0
        except ValueError:
            return None, 0

    def _closed(self) -> bool:
        """Leave out what closes a call; False while it is not known whether talk follows."""
        rest = self._held.lstrip()
        if self._closing and rest.startswith(self._closing):
            self._held = rest[len(self._closing) :]
            self._closing = ""
            rest = self._held.lstrip()
        if not rest or (self._closing and self._closing.startswith(rest)):
            return False
        self._closing = None
        return True
