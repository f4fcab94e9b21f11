"""What programs cost a voice: spoken questions, with and without many who watch and ask."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.api.server import open_api
from heisenberg.bench.turns.voice import QUESTIONS, Turn, read_turn, turn_away
from heisenberg.core.config import Config
from heisenberg.core.errors import TurnError
from heisenberg.core.events import EventRecord
from heisenberg.loading import Engines
from heisenberg.main import assemble_without_sound
from heisenberg.simulation import Conditions, simulate, spoken

WATCHERS: Final = 50
REQUESTS_S: Final = 20
_CLIENT: Final = "heisenberg.bench.api.api_client"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question asked without and under load; ``None`` where there was no answer."""

    question: str
    alone: Turn | None
    loaded: Turn | None

    @property
    def sides(self) -> tuple[Turn | None, Turn | None]:
        return self.alone, self.loaded


@dataclass(frozen=True, slots=True)
class LoadReport:
    """All pairs, how long there was load, and the requests that were answered or not meanwhile."""

    pairs: tuple[Pair, ...]
    loaded_s: float
    answered: int
    failed: int

    def as_dict(self) -> dict[str, Any]:
        """Raises ``TurnError`` when no question was answered on both sides."""
        whole = [(one.alone, one.loaded) for one in self.pairs if one.alone and one.loaded]
        if not whole:
            raise TurnError("No question was answered.", "Ask one with 'heisenberg demo'.")
        alone_s = statistics.median(alone.first_sample_s for alone, _ in whole)
        loaded_s = statistics.median(loaded.first_sample_s for _, loaded in whole)
        return {
            "turns": len(whole),
            "watchers": WATCHERS,
            "requests_s": round(self.answered / self.loaded_s, 1),
            "failed": self.failed,
            "loaded_s": round(self.loaded_s),
            "alone_first_sound_s": round(alone_s, 3),
            "loaded_first_sound_s": round(loaded_s, 3),
            "ratio": round(loaded_s / alone_s, 3),
        }


async def bench_api_load(
    config: Config,
    engines: Engines,
    *,
    repeat: int,
    questions: Sequence[str] = QUESTIONS,
    on_pair: Callable[[Pair], None] = lambda _pair: None,
) -> LoadReport:
    """Ask each question ``repeat`` times on both sides, in real time, in turns.

    ``config`` must have been loaded with ``SAME_FOR_ALL`` and a free ``api.port``.
    """
    app = assemble_without_sound(config, engines, time.monotonic)

    def tell(record: EventRecord) -> None:
        app.bus.publish(record.event, t=record.t, **record.fields)

    async def ask(question: str) -> Turn | None:
        recording = await spoken(engines, question)
        await turn_away(engines.llm)
        conditions = Conditions(ptt=engines.wake is None, hurry=True)
        began_s = time.process_time()
        result = await simulate(config, engines, recording, conditions, tell)
        return read_turn(question, recording, result, time.process_time() - began_s)

    server = await open_api(app, config)
    pairs: list[Pair] = []
    loaded_s = 0.0
    try:
        async with _clients(server.url) as clients:
            for question in [*questions] * repeat:
                alone = await ask(question)
                began_s = time.monotonic()
                clients.go()
                loaded = await ask(question)
                clients.rest()
                loaded_s += time.monotonic() - began_s
                pairs.append(Pair(question, alone, loaded))
                on_pair(pairs[-1])
            counts = await clients.end()
    finally:
        await server.aclose()
        await app.services.conversations.aclose()
    return LoadReport(tuple(pairs), loaded_s, counts["answered"], counts["failed"])


class _Clients:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._say = process.stdin
        self._hear = process.stdout

    async def ready(self) -> None:
        if (await self._hear.readline()).strip() != b"ready":
            raise TurnError("The clients can't reach the API.", "Run with --debug to see why.")

    def go(self) -> None:
        self._say.write(b"go\n")

    def rest(self) -> None:
        self._say.write(b"rest\n")

    async def end(self) -> dict[str, int]:
        self._say.close()
        counts: dict[str, int] = json.loads(await self._hear.readline())
        return counts


@asynccontextmanager
async def _clients(url: str) -> AsyncIterator[_Clients]:
    command = ["-m", _CLIENT, url, str(WATCHERS), str(REQUESTS_S)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    clients = _Clients(process)
    try:
        await clients.ready()
        yield clients
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
