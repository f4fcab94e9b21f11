"""A llama.cpp server of our own, asked by one and by several at once."""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.core.config import LlmConfig
from heisenberg.core.errors import EngineError, TurnError
from heisenberg.llm.servers.llama_server import LlamaServerLLM
from heisenberg.llm.servers.model_server import ModelServer

CLIENTS: Final = 4
TOKENS: Final = 64
_QUESTIONS: Final = (
    "Describe a walk along the sea in summer.",
    "Explain how bread is baked, step by step.",
    "Tell me a story about an old lighthouse.",
    "What should I know before I plant an apple tree?",
)
_POLL_S: Final = 0.005
_FREED_WITHIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class ServerReport:
    """Tokens a second of one client and of all together, by round; seconds until a slot was free
    again after its request was cancelled."""

    alone: tuple[float, ...]
    together: tuple[float, ...]
    freed_s: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        alone, together = statistics.median(self.alone), statistics.median(self.together)
        ratios = [many / one for one, many in zip(self.alone, self.together, strict=True)]
        return {
            "rounds": len(self.alone),
            "clients": CLIENTS,
            "alone_tokens_s": round(alone, 1),
            "together_tokens_s": round(together, 1),
            "ratio": round(statistics.median(ratios), 2),
            "freed_median_s": round(statistics.median(self.freed_s), 3),
            "freed_max_s": round(max(self.freed_s), 3),
        }


async def bench_model_server(url: str, *, rounds: int) -> ServerReport:
    """Ask the server at ``url``, by turns with one client and with four. Raises ``EngineError``."""
    config = LlmConfig(
        endpoint=f"{url}/completion", temperature=0.0, max_tokens=TOKENS, system_prompt="Be long."
    )
    llm = LlamaServerLLM(config)
    async with aclosing(llm):
        await asyncio.gather(*(_tokens(llm, question) for question in _QUESTIONS))
        alone, together, freed = [], [], []
        for number in range(rounds):
            alone.append(await _rate(llm, [_QUESTIONS[number % len(_QUESTIONS)]]))
            together.append(await _rate(llm, _QUESTIONS))
            freed.append(await _freed_s(llm, url))
    return ServerReport(tuple(alone), tuple(together), tuple(freed))


@contextmanager
def running_server(options: Sequence[str]) -> Iterator[str]:
    """``heisenberg llama-server`` with ``options``, ready; its address.

    Raises ``TurnError`` when it does not become ready.
    """
    command = [sys.executable, "-u", "-m", "heisenberg", "llama-server", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if ready := re.search(r"Ready at (\S+)", line):
                    yield ready[1]
                    return
            raise TurnError("The server has ended.", "Run 'heisenberg llama-server' to see why.")
        finally:
            process.terminate()


async def _rate(llm: LlamaServerLLM, questions: Sequence[str]) -> float:
    """Tokens a second of all together."""
    began_s = time.perf_counter()
    tokens = await asyncio.gather(*(_tokens(llm, question) for question in questions))
    return sum(tokens) / (time.perf_counter() - began_s)


async def _tokens(llm: LlamaServerLLM, question: str) -> int:
    generation = llm.generate(question)
    async with aclosing(generation):
        async for _ in generation:
            pass
    return generation.tokens


async def _freed_s(llm: LlamaServerLLM, url: str) -> float:
    """How long a slot stays busy after its request was cancelled in the middle of a reply."""
    server = ModelServer(url, timeout_s=_FREED_WITHIN_S)
    async with aclosing(server):
        generation = llm.generate(_QUESTIONS[0])
        async with aclosing(generation):
            await anext(generation)
            if not await _is_busy(server):
                raise EngineError("The server answers without being busy.")
        left_s = time.perf_counter()
        while await _is_busy(server):
            if time.perf_counter() - left_s > _FREED_WITHIN_S:
                raise EngineError("The server goes on after its request was cancelled.")
            await asyncio.sleep(_POLL_S)
    return time.perf_counter() - left_s


async def _is_busy(server: ModelServer) -> bool:
    return any(slot["is_processing"] for slot in await server.get("/slots"))
