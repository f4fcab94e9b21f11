"""``/api/status`` and what else tells how Heisenberg is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any, Final

import psutil
from cachetools.func import ttl_cache

from heisenberg import __version__
from heisenberg.api.reply import device_of
from heisenberg.core.app import App
from heisenberg.core.config import Config
from heisenberg.core.events import Event, EventRecord
from heisenberg.machine.memory import allowed_bytes, free_bytes
from heisenberg.machine.pressure import Pressure, memory_pressure
from heisenberg.machine.processor import allowed_cores, processor_name

_MB: Final = 10**6
_LATENCIES: Final = 20
FRESH_S: Final = 1.0
"""How long what was read of the machine is told to everybody who asks."""
_ADVICE: Final = {
    Pressure.LOW: (),
    Pressure.MEDIUM: ("Memory is getting short: unload language models that nobody uses.",),
    Pressure.HIGH: (
        "Memory is short: close other programs, or change to a smaller language model.",
    ),
    Pressure.CRITICAL: (
        "Memory is all but gone: language models are unloaded until they are asked again.",
        "Close other programs, or set profile = 'tiny'.",
    ),
}


class Status:
    """Watches the bus for what a status tells of the last turns."""

    def __init__(self, app: App, config: Config, graphics: str) -> None:
        self._app = app
        self._config = config
        self._graphics = graphics
        self._began_s = time.monotonic()
        self._machine = ttl_cache(maxsize=1, ttl=FRESH_S)(_machine_and_memory)
        self._latencies: deque[dict[str, Any]] = deque(maxlen=_LATENCIES)
        app.bus.observe(self._note)

    async def tell(self) -> dict[str, Any]:
        """Everything, as JSON."""
        spoken = self._app.spoken
        room = None if spoken is None else spoken.room
        model = self._app.services.llm.info
        return {
            "version": __version__,
            "uptime_s": round(time.monotonic() - self._began_s, 1),
            "audio": room is not None,
            "state": None if room is None else room.state,
            "muted": None if room is None else room.muted,
            "drafting": None if room is None else room.drafting,
            "say": None if spoken is None else spoken.say,
            "token": self._config.api.token is not None,
            "switch": self._app.services.switch is not None,
            "timers": self._app.services.timers is not None,
            "languages": list(self._config.languages),
            "model": {
                "name": model.name,
                "backend": model.backend,
                "local": model.local,
                "device": device_of(model, self._graphics),
            },
            **await asyncio.to_thread(self._machine),
            "latencies": list(self._latencies),
            "knowledge": await self._knowledge(),
        }

    async def _knowledge(self) -> dict[str, int] | None:
        documents = self._app.services.documents
        if documents is None:
            return None
        found = [one for one in await documents.knowledge.documents() if not one.is_away]
        return {"documents": len(found), "passages": sum(one.passages for one in found)}

    def _note(self, record: EventRecord) -> None:
        if record.event is Event.LATENCY:
            self._latencies.append({"t": round(record.t, 3), **record.fields})


def _machine_and_memory() -> dict[str, Any]:
    pressure = memory_pressure()
    return {
        "machine": {
            "processor": processor_name(),
            "cores": allowed_cores(),
            "memory_mb": allowed_bytes() // _MB,
            "free_mb": free_bytes() // _MB,
        },
        "memory": {
            "process_mb": psutil.Process().memory_info().rss // _MB,
            "pressure": pressure.name.lower(),
            "advice": list(_ADVICE[pressure]),
        },
    }
