"""A connection to a server that is kept: looked after, and made again when it is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from heisenberg import __version__
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config.mcp import McpServerConfig
from heisenberg.mcp.library_log import quiet_library
from heisenberg.mcp.strangers_text import one_line
from heisenberg.mcp.transport import ServerLost, address, program

if TYPE_CHECKING:
    from mcp.client.session import ClientSession
    from mcp.types import CallToolResult, Tool

T = TypeVar("T")

PATIENCE_S: Final = 3.0
"""Who asks while the server is away waits so long for it to come back."""
CONNECTING_S: Final = 60.0
"""A program may have to be fetched first."""
_LOOK_S: Final = 60.0
"""Between two looks whether it is there, and what it offers."""
FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
_LASTED_S: Final = 60.0
"""A connection that was kept so long was a good one."""
_MOST_PAGES: Final = 20
_MOST_TOOLS: Final = 500
_REASON_CHARACTERS: Final = 200
_SESSION_GONE: Final = 32600
"""What the library says where a server has forgotten its session, as after a restart."""
_CONNECTION_CLOSED: Final = -32000

_log = structlog.get_logger(__name__)


class Refused(Exception):
    """The server answers with an error; its text is the server's."""


class Connection:
    """To one server. ``keep`` makes it; ``call`` uses it."""

    def __init__(
        self,
        name: str,
        config: McpServerConfig,
        offered: Callable[[Sequence[Tool]], Awaitable[None]],
    ) -> None:
        """``offered`` is told what the server offers, at first and whenever that has changed."""
        self._name = name
        self._config = config
        self._offered = offered
        self._session: ClientSession | None = None
        self._connected = asyncio.Event()
        self._look = asyncio.Event()
        self._wanted = asyncio.Event()
        self._calls: set[asyncio.Task[Any]] = set()
        self._reason = ""
        self._fault: Exception | None = None

    async def keep(self) -> None:
        """Until cancelled."""
        pause_s = 0.0
        await asyncio.to_thread(_import_library)
        while True:
            began_s = time.monotonic()
            try:
                await self._connect()
            except Exception as exc:  # of a program that may do anything
                self._tell_lost(self._fault or exc)
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # and not hide that we are to end
                raise asyncio.CancelledError
            pause_s = next_pause(pause_s, time.monotonic() - began_s)
            await self._pause(pause_s)

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """What the server answers.

        Raises ``ServerLost``, ``TimeoutError``, ``Refused``, ``ValueError`` for what is no answer.
        """
        from mcp.types import CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest

        params = CallToolRequestParams(name=tool, arguments=dict(arguments))
        request = ClientRequest(CallToolRequest(params=params))
        session = await self._present()
        try:
            async with asyncio.timeout(self._config.timeout_s):
                # call_tool() would throw away what does not fit the schema that was promised.
                return await self._while_connected(session.send_request(request, CallToolResult))
        except TimeoutError:
            self._look.set()
            raise

    async def _present(self) -> ClientSession:
        if self._session is None:
            self._wanted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._connected.wait()
        if self._session is None:
            raise ServerLost(self._reason or "it is not connected yet")
        return self._session

    async def _while_connected(self, asking: Coroutine[Any, Any, T]) -> T:
        """The end of a connection ends what is asked there; the library would wait on."""
        from anyio import BrokenResourceError, ClosedResourceError
        from mcp import McpError

        task = asyncio.create_task(asking, name="mcp call")
        self._calls.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._calls.discard(task)
            if not task.done():
                await cancel_and_wait(task)
        try:
            return task.result()
        except (asyncio.CancelledError, ClosedResourceError, BrokenResourceError) as exc:
            self._doubt()
            raise ServerLost("the connection was lost") from exc
        except McpError as exc:
            if exc.error.code not in (_SESSION_GONE, _CONNECTION_CLOSED):
                raise Refused(exc.error.message) from exc
            self._doubt()
            raise ServerLost("the connection was lost") from exc

    def _doubt(self) -> None:
        """Nothing more is asked of the server until it is seen to be there."""
        self._session = None
        self._connected.clear()
        self._look.set()

    async def _connect(self) -> None:
        """Connect, and stay so; raises when that ends."""
        self._fault = None
        async with self._opened() as session:
            try:
                _log.info("a server of tools is connected", server=self._name)
                self._reason = ""
                await self._look_after(session)
            finally:
                self._doubt()
                for call in tuple(self._calls):
                    call.cancel()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[ClientSession]:
        from mcp import ClientSession
        from mcp.types import Implementation

        way = program(self._name, self._config) if self._config.command else address(self._config)
        us = Implementation(name="heisenberg", version=__version__)
        async with (
            way as streams,
            # It refuses by itself what servers may ask of us: sampling, elicitation, roots.
            ClientSession(*streams, message_handler=self._note, client_info=us) as session,
        ):
            async with asyncio.timeout(CONNECTING_S):
                await session.initialize()
            yield session

    async def _look_after(self, session: ClientSession) -> None:
        """See what the server offers, again and again, and so whether it is there."""
        known: Sequence[Tool] | None = None
        while True:
            self._look.clear()
            async with asyncio.timeout(CONNECTING_S):
                tools = await _listed(session)
            if tools != known:
                known = tools
                await self._offered(tools)
            self._session = session
            self._connected.set()
            await asyncio.sleep(FIRST_PAUSE_S)  # whatever it notifies us of
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._look.wait()

    async def _note(self, message: Any) -> None:
        """What comes unasked; only that there are other tools matters, and what is no protocol.

        Raises the latter, which ends the session: somebody would wait for an answer for ever.
        """
        from mcp.types import ServerNotification, ToolListChangedNotification

        if isinstance(message, Exception) and not isinstance(message, RuntimeError):
            self._fault = message  # the other kind is an answer that comes too late
            raise message
        if isinstance(message, ServerNotification) and isinstance(
            message.root, ToolListChangedNotification
        ):
            self._look.set()

    async def _pause(self, pause_s: float) -> None:
        """Who asks for the server ends it, but not its first second."""
        self._wanted.clear()
        await asyncio.sleep(FIRST_PAUSE_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s - FIRST_PAUSE_S):
                await self._wanted.wait()

    def _tell_lost(self, error: BaseException) -> None:
        """One line for each reason, not for each try."""
        reason = one_line(_reason(error), _REASON_CHARACTERS, self._config.secrets)
        tell = _log.debug if reason == self._reason else _log.warning
        tell("a server of tools can't be reached", server=self._name, reason=reason)
        self._reason = reason


def next_pause(pause_s: float, lasted_s: float) -> float:
    """How long to wait after a connection of ``lasted_s``, before which it was ``pause_s``."""
    if lasted_s > _LASTED_S:
        return FIRST_PAUSE_S
    return min(max(2 * pause_s, FIRST_PAUSE_S), _LONGEST_PAUSE_S)


def _import_library() -> None:
    """It is large, and read in a thread; without servers, never."""
    import mcp.client.session
    import mcp.client.streamable_http  # noqa: F401

    quiet_library()


async def _listed(session: ClientSession) -> Sequence[Tool]:
    """All that it offers, within reason."""
    from mcp.types import PaginatedRequestParams

    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        params = PaginatedRequestParams(cursor=cursor) if cursor else None
        page = await session.list_tools(params=params)
        tools += page.tools
        cursor = page.nextCursor
        if not cursor or len(tools) >= _MOST_TOOLS:
            break
    return tools[:_MOST_TOOLS]


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ServerLost):
        return str(error)
    if (response := getattr(error, "response", None)) is not None:  # httpx names the whole address
        return f"it answers with the status {response.status_code}"
    return f"{type(error).__name__}: {error}"
