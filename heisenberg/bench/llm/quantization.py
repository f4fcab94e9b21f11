"""A language model at every level of quantization: what fewer bits a weight cost and save."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from heisenberg.bench.llm.evaluation_process import Task, evaluate_apart
from heisenberg.bench.llm.evaluation_report import ALL, ModelFailure, ModelReport
from heisenberg.core.config import Config
from heisenberg.core.errors import EngineError
from heisenberg.core.resources import question_set
from heisenberg.llm.inprocess.quantize import quantize
from heisenberg.store.catalogue import Entry
from heisenberg.store.store import Store

LEVELS: Final = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
_FROM: Final = "F16"


@dataclass(frozen=True, slots=True)
class Level:
    """A level and what was found: its file, what the model adds to memory, how it answers."""

    level: str
    file_mb: int
    memory_mb: float | None
    tokens_s: float | None
    first_token_s: float | None
    passed: int
    of: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def bench_quantization(config: Config, on_level: Callable[[Level], None]) -> list[Level]:
    """Ask the configured model the questions of ``heisenberg eval`` at each level.

    Every level is made of the file that is here: one with more bits than it has is larger and
    slower and can't be better. Raises ``EngineError`` where a level can't be made or asked.
    """
    store = await asyncio.to_thread(Store.open, config)
    entry = await asyncio.to_thread(
        store.resolve, "llm", config.llm.model, config.profile, config.languages
    )
    source = await asyncio.to_thread(store.locate, entry.id)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / f"{_FROM}.gguf"
        await asyncio.to_thread(quantize, source, full, _FROM)
        for level in LEVELS:
            file = Path(folder) / f"{level}.gguf"
            if level != _FROM:
                await asyncio.to_thread(quantize, full, file, level)
            one = await _asked(level, file, _sampling_of(entry))
            on_level(one)
            found.append(one)
            if level != _FROM:
                await asyncio.to_thread(file.unlink)
    return found


async def _asked(level: str, file: Path, settings: Sequence[str]) -> Level:
    task = Task(str(file), question_set(), None, tuple(settings))
    outcome = await evaluate_apart(task, level)
    if isinstance(outcome, ModelFailure):
        raise EngineError(f"{level} can't be asked: {outcome.message}", outcome.hint)
    return _level(level, file, outcome)


def _level(level: str, file: Path, report: ModelReport) -> Level:
    score = report.scores()[ALL]
    return Level(
        level,
        round(file.stat().st_size / 1e6),
        None if report.memory_mb is None else round(report.memory_mb),
        None if report.tokens_s is None else round(report.tokens_s, 1),
        None if report.first_token_s is None else round(report.first_token_s, 3),
        score.passed,
        score.of,
    )


def _sampling_of(entry: Entry) -> list[str]:
    """What its makers recommend, as settings: a file by its path has none."""
    known = asdict(entry.sampling).items()
    return [f"llm.{name}={value}" for name, value in known if value is not None]
