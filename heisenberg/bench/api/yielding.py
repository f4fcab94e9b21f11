"""How long a voice waits for the model while a program's reply is being prepared or written."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.core.aio import cancel_and_wait
from heisenberg.llm.base import LanguageModel, Rank

_VOICE: Final = "What is the capital of France?"
_PROGRAM: Final = "Summarise this: " + " ".join(f"item {number} is here." for number in range(60))
_HEAD_STARTS_S: Final = (0.05, 0.2, 0.5, 1.0, 3.0)
"""A program has asked so long before the voice: its prompt is being evaluated, then it is answered.
"""


@dataclass(frozen=True, slots=True)
class YieldReport:
    """Seconds to the first piece of a voice's reply, alone and beside a program, by trial."""

    alone_s: tuple[float, ...]
    beside_s: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        waits = [beside - alone for alone, beside in zip(self.alone_s, self.beside_s, strict=True)]
        return {
            "trials": len(waits),
            "alone_s": round(statistics.median(self.alone_s), 3),
            "beside_s": round(statistics.median(self.beside_s), 3),
            "wait_s": round(statistics.median(waits), 3),
            "wait_max_s": round(max(waits), 3),
        }


async def bench_yielding(
    llm: LanguageModel, *, repeat: int, on_trial: Callable[[float, float], None]
) -> YieldReport:
    """Ask with a voice's rank, alone and in the middle of a program's reply, in turns."""
    alone: list[float] = []
    beside: list[float] = []
    for number in range(repeat):
        for head_start_s in _HEAD_STARTS_S:
            await llm.warm()
            alone.append(await _first_piece_s(llm))
            await llm.warm()
            prompt = f"{_PROGRAM} ({number}, {head_start_s})"
            program = asyncio.create_task(_read(llm, prompt), name="program")
            await asyncio.sleep(head_start_s)
            beside.append(await _first_piece_s(llm))
            await cancel_and_wait(program)
            on_trial(alone[-1], beside[-1])
    return YieldReport(tuple(alone), tuple(beside))


async def _first_piece_s(llm: LanguageModel) -> float:
    began_s = time.perf_counter()
    async with aclosing(llm.generate(_VOICE, rank=Rank.VOICE)) as pieces:
        await anext(pieces)
        return time.perf_counter() - began_s


async def _read(llm: LanguageModel, prompt: str) -> None:
    async with aclosing(llm.generate(prompt, rank=Rank.API)) as pieces:
        async for _ in pieces:
            pass
