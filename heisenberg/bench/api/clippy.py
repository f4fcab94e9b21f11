"""How soon a question about documents is answered over HTTP, and what of that is not the model.

Each question is asked over a real connection and, beside it, of a second model of the same file,
with the same prompt and nothing around it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from heisenberg.api.server import open_api
from heisenberg.bench.turns.voice import turn_away
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError, TurnError
from heisenberg.core.lifecycle import Stages
from heisenberg.core.resources import checkout
from heisenberg.core.services import Documents
from heisenberg.knowledge.library import Library
from heisenberg.llm.base import LanguageModel, Rank
from heisenberg.loading import load_shared_engines
from heisenberg.loading.language_model import load_language_model
from heisenberg.main import assemble_without_sound

SETTINGS: Final = ("llm.temperature=0", "llm.seed=1", "api.port=0")
CONTEXT_SIZE: Final = 200
QUESTIONS: Final = (
    "What may interrupt a reply?",
    "How do I hold a key instead of saying the wake word?",
    "What does the tiny profile need?",
    "How can I compare two language models in use?",
    "What is kept of a long conversation?",
    "How does Heisenberg run in the background?",
    "What happens when a back end fails?",
    "Where are personalities written down?",
    "How is the end of a turn found?",
    "Why are replies drafted in a pause?",
    "What is done when memory is short?",
    "How many threads are used?",
)
_DOCUMENTS: Final = ("README.md", "CONTRIBUTING.md", "docs/adr")
_OTHERWISE: Final = " Say it in one sentence."
"""Makes another question about the same passages of one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: seconds to its first token, of the model alone to its first piece, of another
    question about the same passages (``None`` where it found others), and asked again."""

    question: str
    first_token_s: float
    alone_s: float
    same_documents_s: float | None
    again_s: float
    sources: int


@dataclass(frozen=True, slots=True)
class ClippyReport:
    """All questions for which the documents said something, each several times: a machine that
    does something else for a moment is no part of an answer."""

    asked: tuple[Asked, ...]

    def as_dict(self) -> dict[str, Any]:
        """Raises ``TurnError`` when the documents said nothing at all."""
        if not self.asked:
            raise TurnError("No question found anything.", "Run it in a checkout.")
        others = [one.same_documents_s for one in self.asked if one.same_documents_s is not None]
        questions = dict.fromkeys(one.question for one in self.asked)
        ratios = [self._ratio(question) for question in questions]
        return {
            "questions": len(questions),
            "context_size": CONTEXT_SIZE,
            "first_token_s": _median([one.first_token_s for one in self.asked]),
            "alone_s": _median([one.alone_s for one in self.asked]),
            "ratio": round(statistics.median(ratios), 3),
            "ratio_max": round(max(ratios), 3),
            "same_documents": len(others),
            "same_documents_s": _median(others) if others else None,
            "again_ms": round(1000 * statistics.median(one.again_s for one in self.asked), 1),
            "asked": [asdict(one) for one in self.asked],
        }

    def _ratio(self, question: str) -> float:
        tries = [one for one in self.asked if one.question == question]
        first_s = statistics.median(one.first_token_s for one in tries)
        return first_s / statistics.median(one.alone_s for one in tries)


async def bench_clippy(
    config: Config, rounds: int, on_asked: Callable[[Asked], None] = lambda _asked: None
) -> ClippyReport:
    """Ask ``QUESTIONS`` about this project's own documents; every round begins with nothing kept.

    ``config`` must have been loaded with ``SETTINGS``. Raises ``InputError`` outside a checkout.
    """
    found: list[Asked] = []
    for _ in range(rounds):
        async with Stages() as stages, _own_documents(config) as (client, llm, documents):
            alone = await load_language_model(config, stages)
            for question in QUESTIONS:
                grounds = await documents.grounding.find(question, CONTEXT_SIZE)
                if grounds is None:
                    continue
                await turn_away(llm)
                first_s, sources = await _first_token_s(client, question)
                await turn_away(alone)
                alone_s = await _first_piece_s(alone, question, grounds.text)
                other_s, others = await _first_token_s(client, question + _OTHERWISE)
                began_s = time.perf_counter()
                await _first_token_s(client, question)
                again_s = time.perf_counter() - began_s
                same = other_s if others == sources else None
                found.append(Asked(question, first_s, alone_s, same, again_s, len(sources)))
                on_asked(found[-1])
    return ClippyReport(tuple(found))


@asynccontextmanager
async def _own_documents(
    config: Config,
) -> AsyncIterator[tuple[httpx2.AsyncClient, LanguageModel, Documents]]:
    """The API over an index of this project's documents."""
    root = checkout()
    if root is None:
        raise InputError("Only a checkout has the documents.", "Run it in one.")
    with tempfile.TemporaryDirectory() as folder:
        index = SecretStr(str(Path(folder) / "knowledge.db"))
        knowledge = config.knowledge.model_copy(update={"index": index})
        config = config.model_copy(update={"knowledge": knowledge})
        async with Stages() as own:
            engines = await load_shared_engines(config, own)
            documents = engines.documents
            if documents is None or not isinstance(documents.knowledge, Library):
                raise TurnError("The documents can't be indexed.", "Run 'heisenberg doctor'.")
            await documents.knowledge.add([root / name for name in _DOCUMENTS])
            app = assemble_without_sound(config, engines, time.monotonic)
            server = await own.start("API", open_api(app, config))
            async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
                yield client, engines.llm, documents
            await app.services.conversations.aclose()


async def _first_token_s(
    client: httpx2.AsyncClient, question: str
) -> tuple[float, Sequence[tuple[str, int]]]:
    """Seconds to the first token of an answer that is read to its end, and where it is from."""
    body = {"question": question, "context_size": CONTEXT_SIZE, "stream": True}
    first_s: float | None = None
    done: dict[str, Any] = {}
    began_s = time.perf_counter()
    async with client.stream("POST", "/api/clippy/dev", json=body) as response:
        async for line in response.aiter_lines():
            if first_s is None and line == "event: token":
                first_s = time.perf_counter() - began_s
            if line.startswith("data: "):
                done = json.loads(line.removeprefix("data: "))
    if first_s is None or "sources" not in done:
        raise TurnError(f"'{question}' was not answered.", str(done))
    return first_s, [(one["file"], one["line"]) for one in done["sources"]]


async def _first_piece_s(llm: LanguageModel, question: str, grounds: str) -> float:
    began_s = time.perf_counter()
    async with aclosing(llm.generate(question, grounds=grounds, rank=Rank.API)) as pieces:
        await anext(pieces)
        return time.perf_counter() - began_s


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)
