"""Three language models asked for one after another in a space for two."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from heisenberg.bench.llm.memory_limit import limited_memory
from heisenberg.core.config import Config
from heisenberg.llm.pool import ModelPool
from heisenberg.model_shelf import InstalledModels
from heisenberg.store.store import Store

_OTHERS_BYTES: Final = 250_000_000
"""What this process needs without a model."""
_QUESTIONS: Final = (
    ("What is the capital of France?", "paris"),
    ("What is the opposite of hot?", "cold"),
    ("How many days does a week have?", "7 seven"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that was asked, and what was in memory then."""

    model: str
    seconds: float
    answer: str
    right: bool
    loaded: tuple[str, ...]
    oldest_left: bool
    """Where one had to go: it was the one that was used least recently."""


@dataclass(frozen=True, slots=True)
class SpaceReport:
    """``peak_bytes`` is ``None`` where this process could not be limited."""

    asked: Sequence[Asked]
    limit_bytes: int
    peak_bytes: int | None

    def as_dict(self) -> dict[str, Any]:
        """What the row keeps."""
        asked = self.asked
        return {
            "asked": len(asked),
            "right": sum(one.right for one in asked),
            "oldest_left": all(one.oldest_left for one in asked),
            "most_at_once": max(len(one.loaded) for one in asked),
            "slowest_s": max(one.seconds for one in asked),
            "limit_mb": round(self.limit_bytes / 1e6),
            "peak_mb": None if self.peak_bytes is None else round(self.peak_bytes / 1e6),
        }


async def bench_model_space(config: Config, on_asked: Callable[[Asked], None]) -> SpaceReport:
    """Ask the configured model and two copies of it in turn, in a space for two of them.

    The copies stand for other models of its size: the same file would be in memory once only.
    """
    store = await asyncio.to_thread(Store.open, config)
    shelf = InstalledModels(config, store)
    name, needs_bytes = await shelf.find(config.llm.model)
    file = await asyncio.to_thread(store.locate, name)
    room_bytes = int(2.5 * needs_bytes)
    with (
        limited_memory(room_bytes + _OTHERS_BYTES) as limited,
        tempfile.TemporaryDirectory() as folder,
    ):
        copies = [str(Path(folder) / f"copy{number}.gguf") for number in (1, 2)]
        for copy in copies:
            await asyncio.to_thread(shutil.copyfile, file, copy)
        pool = ModelPool(shelf, room_bytes)
        async with aclosing(pool):
            asked = await _ask(pool, [name, *copies], on_asked)
        peak_bytes = limited.peak_bytes() if limited else None
    return SpaceReport(asked, room_bytes + _OTHERS_BYTES, peak_bytes)


async def _ask(
    pool: ModelPool, names: Sequence[str], on_asked: Callable[[Asked], None]
) -> list[Asked]:
    done: list[Asked] = []
    for number in range(len(_QUESTIONS) * len(names)):
        name = names[number % len(names)]
        question, right = _QUESTIONS[number // len(names)]
        before = [one.name for one in pool.residents]
        began_s = time.perf_counter()
        async with pool.lease(name) as model:
            answer = await model.generate_simple(question, max_tokens=40)
        after = tuple(one.name for one in pool.residents)
        gone = [one for one in before if one not in after]
        asked = Asked(
            _short(name),
            round(time.perf_counter() - began_s, 2),
            " ".join(answer.split()),
            any(word in answer.lower() for word in right.split()),
            tuple(_short(one) for one in after),
            gone in ([], before[:1]),
        )
        on_asked(asked)
        done.append(asked)
    return done


def _short(name: str) -> str:
    return Path(name).name.removesuffix(".gguf")
