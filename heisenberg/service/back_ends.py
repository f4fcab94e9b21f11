"""Whether the language model servers that are configured answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Final

from heisenberg import engines
from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.llm.servers.remote import RemoteLLM
from heisenberg.service.check import Check, Status
from heisenberg.store.store import Store

_SERVERS: Final[Mapping[str, Callable[[Config, Store], Awaitable[RemoteLLM]]]] = {
    "server": engines.llama_server,
    "ollama": engines.ollama,
    "openai": engines.openai_compatible,
    "cloud": engines.cloud,
}


def check_back_ends(config: Config) -> list[Check]:
    """One finding for each server among ``llm.backend`` and ``llm.fallback``; asks it how it is."""
    names = [name for name in (config.llm.backend, *config.llm.fallback) if name in _SERVERS]
    try:
        store = Store.open(config)
    except HeisenbergError:  # the check of the models tells it
        return []
    return [asyncio.run(_check(name, config, store)) for name in names]


async def _check(name: str, config: Config, store: Store) -> Check:
    title = f"back_end_{name}"
    try:
        model = await _SERVERS[name](config, store)
        async with aclosing(model):
            await model.check()
    except HeisenbergError as exc:
        # Others may answer in its place.
        alone = name == config.llm.backend and not config.llm.fallback
        return Check(title, Status.FAIL if alone else Status.WARN, exc.message, exc.hint, exc.code)
    stays = "" if model.info.local else "; what is said to Heisenberg leaves this machine"
    return Check(title, Status.OK, f"The back end '{name}' answers{stays}.")
