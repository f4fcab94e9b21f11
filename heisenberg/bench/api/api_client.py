"""The child process behind ``heisenberg.bench.api.api_load``: programs that watch and ask an API.

Its arguments are the API's address, how many watch the events, and requests a second. It asks while
the last line on its standard input was ``go``, and ends with the input: it then prints how many
requests were answered, and how many were not.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from contextlib import AsyncExitStack
from typing import Final

import httpx2
from websockets.asyncio.client import ClientConnection, connect

_PATHS: Final = (
    "/api/status",
    "/api/documents/search?q=how+does+drafting+work",
    "/v1/models",
    "/api/models",
    "/metrics",
)
"""What dashboards, scripts and Prometheus ask again and again; a generation waits for the voice."""
_LATE_S: Final = 10.0


class _Clients:
    def __init__(self, client: httpx2.AsyncClient, per_s: float) -> None:
        self._client = client
        self._pause_s = 1.0 / per_s
        self.going = asyncio.Event()
        self.answered = 0
        self.failed = 0

    async def ask(self) -> None:
        async with asyncio.TaskGroup() as group:
            for path in itertools.cycle(_PATHS):
                await self.going.wait()
                group.create_task(self._one(path))
                await asyncio.sleep(self._pause_s)

    async def _one(self, path: str) -> None:
        try:
            response = await self._client.get(path)
        except httpx2.HTTPError:
            self.failed += 1
        else:
            self.answered += response.status_code == 200
            self.failed += response.status_code != 200


async def _read(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def _obey(clients: _Clients) -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"go":
            clients.going.set()
        else:
            clients.going.clear()


async def _main(url: str, watchers: int, per_s: float) -> None:
    events = f"{url.replace('http', 'ws', 1)}/api/events"
    async with AsyncExitStack() as stack:
        client = httpx2.AsyncClient(base_url=url, timeout=_LATE_S)
        clients = _Clients(await stack.enter_async_context(client), per_s)
        sockets = [await stack.enter_async_context(connect(events)) for _ in range(watchers)]
        work = [asyncio.create_task(_read(socket)) for socket in sockets]
        work.append(asyncio.create_task(clients.ask()))
        print("ready", flush=True)
        await _obey(clients)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    print(json.dumps({"answered": clients.answered, "failed": clients.failed}), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
