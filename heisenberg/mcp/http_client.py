"""An HTTP client for servers that may be broken, or worse: answers are bounded, and so is pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import httpx

from heisenberg.core.config.mcp import McpServerConfig

_CONNECTING_S: Final = 10.0


def http_client(
    config: McpServerConfig, most_bytes: int, pace: Callable[[int], Awaitable[None]]
) -> httpx.AsyncClient:
    """One with the headers of ``config``; how long an answer may take is up to who asks.

    Blocks to read certificates. Nothing is taken from the environment.
    """
    headers = {name: value.get_secret_value() for name, value in config.headers.items()}
    return httpx.AsyncClient(
        headers={"Accept-Encoding": "identity", **headers},
        timeout=httpx.Timeout(None, connect=_CONNECTING_S),
        transport=_Bounded(httpx.AsyncHTTPTransport(), most_bytes, pace),
        trust_env=False,
    )


class _Bounded(httpx.AsyncBaseTransport):
    """Whose answers have no more than so many bytes."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        most_bytes: int,
        pace: Callable[[int], Awaitable[None]],
    ) -> None:
        self._transport = transport
        self._most_bytes = most_bytes
        self._pace = pace

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx.DecodingError("it packs what is to be sent as it is")
        body = response.stream
        if isinstance(body, httpx.AsyncByteStream):
            response.stream = _BoundedStream(body, self._most_bytes, self._pace)
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


class _BoundedStream(httpx.AsyncByteStream):
    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        most_bytes: int,
        pace: Callable[[int], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        self._pace = pace

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most_bytes
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                raise httpx.ReadError(f"it sent more than {self._most_bytes} bytes at once")
            yield piece
            await self._pace(len(piece))

    async def aclose(self) -> None:
        await self._stream.aclose()
