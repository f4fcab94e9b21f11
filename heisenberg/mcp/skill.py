"""A server's tools as a skill."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import structlog

from heisenberg.core.config.mcp import McpConfig, McpServerConfig
from heisenberg.core.errors import SkillError
from heisenberg.mcp.connection import PATIENCE_S, Connection, Refused
from heisenberg.mcp.strangers_text import cleaned, one_line
from heisenberg.mcp.tool_schema import problem, tool_schema
from heisenberg.mcp.transport import ServerLost
from heisenberg.skills.base import Action, Bell, Call, Skill
from heisenberg.skills.words import SkillWords

if TYPE_CHECKING:
    from mcp.types import CallToolResult, Tool

NAME: Final = "mcp"
"""Of the words that all of them share."""
MOST_RESULT: Final = 4000
"""Characters of what a tool returns."""
_MOST_ABOUT: Final = 300
_MOST_SAID: Final = 200
"""Characters of an error that is said."""
_MOST_NAMED: Final = 20
_MARGIN_S: Final = 1.0

_log = structlog.get_logger(__name__)


class McpSkill:
    """A ``Skill`` that is ``Busy``: it keeps the connection to one server.

    What the server offered last stays, also while it is away: who asks for it is then told so.
    """

    def __init__(self, name: str, config: McpServerConfig, languages: Sequence[str]) -> None:
        """Blocks to read files; nothing is connected yet."""
        self.name = name
        self._config = config
        self._words = SkillWords.load(NAME, languages)
        self._connection = Connection(name, config, self._take)
        self._actions: Sequence[Action] = ()

    @property
    def actions(self) -> Sequence[Action]:
        """Of the tools that are allowed."""
        return self._actions

    async def work(self, bell: Bell) -> None:
        del bell  # a server is heard when it is asked
        await self.keep()

    async def keep(self) -> None:
        """The same where there is no room."""
        await self._connection.keep()

    async def _take(self, tools: Sequence[Tool]) -> None:
        self._actions = await asyncio.to_thread(lambda: tuple(self._usable(tools)))

    def _usable(self, tools: Sequence[Tool]) -> Iterator[Action]:
        """Blocks to load what reads schemas."""
        there = {tool.name: tool for tool in reversed(tools)}
        if others := [name for name in there if name not in self._config.allow]:
            named = one_line(", ".join(others[:_MOST_NAMED]), _MOST_SAID)
            _log.info("tools that are not allowed", server=self.name, tools=named)
        for name in self._config.allow:
            try:
                if name not in there:
                    raise ValueError("the server has none of that name")  # noqa: TRY301
                yield self._action(there[name])
            except ValueError as exc:
                reason = one_line(str(exc), _MOST_SAID)
                _log.warning("a tool is left out", server=self.name, tool=name, reason=reason)

    def _action(self, tool: Tool) -> Action:
        """Raises ``ValueError`` where its schema is no good."""
        schema = tool_schema(tool.inputSchema)

        async def run(call: Call, /, **arguments: Any) -> str:
            return await self._run(call, tool.name, schema, arguments)

        return Action(
            tool.name,
            run,
            {},
            timeout_s=self._config.timeout_s + PATIENCE_S + _MARGIN_S,
            about=one_line(tool.description or tool.title or tool.name, _MOST_ABOUT),
            schema=schema,
            confirm=self._is_asked_about(tool),
        )

    def _is_asked_about(self, tool: Tool) -> bool:
        match self._config.confirm:
            case "all":
                return True
            case "none":
                return False
            case "changes":
                return tool.annotations is None or tool.annotations.readOnlyHint is not True
            case names:
                return tool.name in names

    async def _run(
        self, call: Call, tool: str, schema: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> str:
        if why := problem(schema, arguments):
            raise self._error(call, "unfit", problem=one_line(why, _MOST_SAID).rstrip("."))
        try:
            result = await self._connection.call(tool, arguments)
        except ServerLost as exc:
            raise self._error(call, "unreachable") from exc
        except TimeoutError as exc:
            raise self._error(call, "no_answer") from exc
        except Refused as exc:
            raise self._error(call, "refused", text=one_line(str(exc), _MOST_SAID)) from exc
        except ValueError as exc:
            raise self._error(call, "rubbish") from exc
        text = _text(result)
        if result.isError:
            raise self._error(call, "refused", text=one_line(text, _MOST_SAID))
        return text or self._words.say(call.language, "nothing", server=self.name)

    def _error(self, call: Call, reply: str, **values: str) -> SkillError:
        return SkillError(self._words.say(call.language, reply, server=self.name, **values))


def mcp_skills(config: McpConfig, languages: Sequence[str]) -> list[Skill]:
    """The servers that are configured; blocks to read files."""
    return [McpSkill(name, server, languages) for name, server in config.servers.items()]


def _text(result: CallToolResult) -> str:
    """The words of ``result``, without pictures and sound."""
    from mcp.types import EmbeddedResource, TextContent, TextResourceContents

    texts: list[str] = []
    for block in result.content:
        match block:
            case (
                TextContent(text=text) | EmbeddedResource(resource=TextResourceContents(text=text))
            ):
                texts.append(text[:MOST_RESULT])
        if len(texts) >= MOST_RESULT:
            break
    if not texts and result.structuredContent is not None:
        texts = [json.dumps(result.structuredContent, ensure_ascii=False)]
    return cleaned("\n".join(texts), MOST_RESULT)
