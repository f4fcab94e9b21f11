"""The protocol over our own standard input and output.

The library's own way reads on a thread that nothing can end but the end of the input: Ctrl-C would
have to be pressed twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from heisenberg.core.aio import task_group

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage


@asynccontextmanager
async def standard_streams() -> AsyncIterator[
    tuple[
        MemoryObjectReceiveStream[SessionMessage | Exception],
        MemoryObjectSendStream[SessionMessage],
    ]
]:
    """What comes in, which ends with the input, and where to write."""
    import anyio

    to_session, incoming = anyio.create_memory_object_stream[Any](0)
    outgoing, from_session = anyio.create_memory_object_stream[Any](0)
    async with task_group() as group, incoming, outgoing:
        reading = group.create_task(_read(to_session), name="mcp stdin")
        group.create_task(_write(from_session), name="mcp stdout")
        yield incoming, outgoing
        reading.cancel()
        await outgoing.aclose()  # and what was written is written to its end


async def _read(to_session: Any) -> None:
    from mcp.shared.message import SessionMessage
    from mcp.types import JSONRPCMessage

    rest = b""
    async with to_session:
        async for block in _blocks():
            *lines, rest = (rest + block).split(b"\n")
            for line in filter(None, map(bytes.strip, lines)):
                try:
                    message = SessionMessage(JSONRPCMessage.model_validate_json(line))
                except ValueError as exc:
                    await to_session.send(exc)
                else:
                    await to_session.send(message)


async def _blocks() -> AsyncIterator[bytes]:
    """Read on a daemon thread, and below Python's buffers, whose locks it would hold at exit."""
    loop = asyncio.get_running_loop()
    asked = threading.Semaphore(0)
    blocks: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        while asked.acquire():
            block = os.read(sys.stdin.fileno(), 65536)
            loop.call_soon_threadsafe(blocks.put_nowait, block)

    threading.Thread(target=read, name="standard-input", daemon=True).start()
    asked.release()
    while block := await blocks.get():
        yield block
        asked.release()


async def _write(from_session: Any) -> None:
    def write(text: str) -> None:
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()

    async with from_session:
        async for message in from_session:
            text = message.message.model_dump_json(by_alias=True, exclude_none=True)
            await asyncio.to_thread(write, text)
