"""Engines as the daemon has them when somebody asks."""

from __future__ import annotations

from heisenberg.core.config import Config
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import Engines, load_engines


async def ready_engines(config: Config, stages: Stages) -> Engines:
    """Loaded, and with all that the daemon prepares while nobody asks yet."""
    engines = await load_engines(config, stages)
    if engines.chooser is not None:
        await engines.chooser.prepare()
    return engines
