"""One engine, by the name that the configuration has for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, Literal

from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError
from heisenberg.core.lifecycle import Stages
from heisenberg.machine.native import thread_count
from heisenberg.store.store import Store
from heisenberg.store.thread_plan import Part, ThreadPlan, measured_plan

if TYPE_CHECKING:
    from heisenberg.tts.base import TextToSpeech

ENTRY_POINTS: Final = "heisenberg.engines"
"""The entry-point group of engines, ours and others': ``<role>.<name> = module:factory``, where
the factory is ``async (Config, Store) -> engine``."""


def planned(config: Config) -> tuple[Config, Store]:
    """``config`` with the numbers of threads that were measured for its models, and the store."""
    store = Store.open(config)
    measured = measured_plan(config, store)
    return (measured.plan.applied_to(config) if measured else config), store


async def load_engine(role: str, name: str, config: Config, store: Store) -> Any:
    """Raises ``ConfigError`` where nothing of that name is installed, and what its factory does."""
    found = entry_points(group=ENTRY_POINTS, name=f"{role}.{name}")
    if not found:
        known = sorted(
            entry.name.partition(".")[2]
            for entry in entry_points(group=ENTRY_POINTS)
            if entry.name.startswith(f"{role}.")
        )
        raise ConfigError(
            f"There is no {role} engine called '{name}'.", f"Known here: {', '.join(known)}."
        )
    factory: Callable[[Config, Store], Awaitable[Any]] = next(iter(found)).load()
    return await factory(config, store)


async def load_voice(config: Config, stages: Stages) -> TextToSpeech:
    """The voice alone."""
    config, store = await asyncio.to_thread(planned, config)
    voice: TextToSpeech = await stages.start(
        "voice", load_engine("tts", config.tts.engine, config, store)
    )
    return voice


async def load_part(part: Part, config: Config) -> Any:
    """A recogniser, language model or voice exactly as configured, for those who compare.

    The caller closes it.
    """
    names = {"stt": config.stt.engine, "llm": config.llm.backend, "tts": config.tts.engine}
    store = await asyncio.to_thread(Store.open, config)
    return await load_engine(part, names[part], config, store)


async def load_listener(role: Literal["vad", "wake"], config: Config) -> Any:
    """What listens to other sound than the room's for voices or the wake word.

    The caller closes it.
    """
    names = {"vad": config.turn.vad, "wake": config.wake.engine}
    store = await asyncio.to_thread(Store.open, config)
    return await load_engine(role, names[role], config, store)


def usual_threads(config: Config) -> ThreadPlan:
    """The numbers of threads where none were measured: what is configured, else by the cores."""
    from heisenberg.llm.inprocess import llamacpp
    from heisenberg.stt import whisper
    from heisenberg.tts import piper

    return ThreadPlan(
        whisper.usual_threads(config.stt.threads),
        thread_count(config.llm.threads, at_most=llamacpp.MOST_THREADS),
        thread_count(config.tts.threads, at_most=piper.MOST_THREADS),
    )
