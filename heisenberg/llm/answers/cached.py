"""A language model that gives an answer again instead of writing it anew."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Unpack

import structlog

from heisenberg.core.config import CacheConfig
from heisenberg.core.errors import HeisenbergError
from heisenberg.knowledge.base import Embedder
from heisenberg.llm.answers.answer_cache import Answer, AnswerCache, Asked
from heisenberg.llm.answers.same_question import normalised
from heisenberg.llm.answers.similar import SimilarQuestions
from heisenberg.llm.answers.uncached import Uncached
from heisenberg.llm.base import (
    Generation,
    LanguageModel,
    ModelInfo,
    Rank,
    ReplyOptions,
    WarmOptions,
)
from heisenberg.llm.canned import BACKEND as CANNED
from heisenberg.llm.generation import Progress, StreamedGeneration, whole
from heisenberg.llm.loops import ends_in_a_loop
from heisenberg.llm.request import Request

_log = structlog.get_logger(__name__)

_SPOKEN: Final = (Rank.VOICE, Rank.DRAFT, Rank.SATELLITE)

_COUNTED: Final = frozenset(
    (
        "conversation_history",
        "system_prompt",
        "max_tokens",
        "sampling",
        "rank",
        "structure",
        "grounds",
        "begun",
        "model",
    )
)
"""The options that are part of what was asked, or change nothing about its answer. A reply that is
told anything else is neither kept nor given again."""

_LONGEST: Final = 16_000
"""Characters: a longer prompt is not looked at. More do not fit a small model's context."""


async def with_cache(
    llm: LanguageModel, config: CacheConfig, embedder: Embedder | None = None
) -> LanguageModel:
    """``llm``, giving its answers again to those for whom ``config`` allows it; with ``embedder``
    to who asks in other words, too."""
    ranks = {*(_SPOKEN if config.voice else ()), *((Rank.API,) if config.api else ())}
    if not ranks:
        return llm
    uncached = await asyncio.to_thread(Uncached.load)
    similar = None
    if embedder is not None:
        similar = await asyncio.to_thread(SimilarQuestions.load, embedder)
    return CachedLLM(llm, AnswerCache(config.entries), uncached, ranks=ranks, similar=similar)


class CachedLLM:
    """A ``LanguageModel`` around another one.

    An answer is given again when the same is asked (see ``normalised``) of the same model, in
    exactly the same context. It is kept when it is whole and written by the one model that was to
    answer; never that of ``uncached`` questions. Who asks while the same is being answered to
    somebody else does not wait for that: both are answered by the model.
    """

    def __init__(
        self,
        llm: LanguageModel,
        answers: AnswerCache,
        uncached: Uncached,
        *,
        ranks: Collection[Rank],
        similar: SimilarQuestions | None = None,
    ) -> None:
        """``ranks`` are those whose questions count; ``llm`` is closed here."""
        self._llm = llm
        self._answers = answers
        self._uncached = uncached
        self._ranks = frozenset(ranks)
        self._similar = similar
        self._forgotten = 0

    @property
    def info(self) -> ModelInfo:
        return self._llm.info

    def generate(self, prompt: str, **options: Unpack[ReplyOptions]) -> Generation:
        writing = self._llm.generate(prompt, **options)
        if not self._counts(prompt, options):
            return writing
        question = normalised(prompt)
        if self._uncached.covers(question, of_documents=bool(options.get("grounds"))):
            return writing
        request = Request.of(question, options)
        progress = Progress(writing.model)
        this = _Question(
            _asked(request, options.get("model"), writing.model),
            options.get("model") or writing.model.name,
            self._forgotten,
        )
        return StreamedGeneration(self._answer(this, writing, progress), progress)

    async def generate_simple(self, prompt: str, **options: Unpack[ReplyOptions]) -> str:
        return await whole(self.generate(prompt, **options))

    async def warm(self, **options: Unpack[WarmOptions]) -> None:
        await self._llm.warm(**options)

    def forget(self) -> None:
        """Keep no answer, neither one that was given nor one that is being written."""
        self._forgotten += 1
        self._answers.clear()

    async def aclose(self) -> None:
        self.forget()
        await self._llm.aclose()

    def _counts(self, prompt: str, options: ReplyOptions) -> bool:
        rank = options.get("rank", Rank.VOICE)
        return rank in self._ranks and _COUNTED.issuperset(options) and len(prompt) <= _LONGEST

    async def _answer(
        self, question: _Question, writing: Generation, progress: Progress
    ) -> AsyncGenerator[str, None]:
        backend = progress.model.backend
        async with aclosing(writing):
            known = self._answers.find(question.asked) or await self._find_similar(question.asked)
            if known is not None:
                progress.tokens = known.tokens
                progress.prompt_tokens = known.prompt_tokens
                progress.prompt_ends = known.prompt_ends
                yield known.text
                return
            text = ""
            async for piece in writing:
                progress.follow(writing)
                text += piece
                yield piece
            progress.follow(writing)
        by_whom = progress.model
        as_asked = (by_whom.name, by_whom.backend) == (question.model, backend)
        if as_asked and question.since == self._forgotten and _is_whole(text, progress):
            self._answers.keep(
                question.asked,
                Answer(text, progress.tokens, progress.prompt_tokens, progress.prompt_ends),
            )

    async def _find_similar(self, asked: Asked) -> Answer | None:
        """The answer to the same question in other words; where that can't be told, none."""
        if self._similar is None:
            return None
        try:
            same = await self._similar.find(asked.question, self._answers.questions(asked.context))
        except HeisenbergError as exc:
            _log.warning("questions can't be compared", reason=str(exc))
            return None
        return None if same is None else self._answers.find(replace(asked, question=same))


@dataclass(frozen=True, slots=True)
class _Question:
    asked: Asked
    model: str
    """Who is to answer."""
    since: int
    """How often everything had been forgotten when it was asked."""


def _asked(request: Request, named: str | None, model: ModelInfo) -> Asked:
    # By repr, the order of a schema's properties counts: a reply follows it.
    context = repr((model.name, model.backend, named, replace(request, prompt="")))
    return Asked(request.prompt, hashlib.sha256(context.encode()).digest())


def _is_whole(text: str, progress: Progress) -> bool:
    """Whether a reply is one, and was not cut off."""
    return (
        progress.model.backend != CANNED
        and bool(text.strip())
        and not progress.cut_off
        and not ends_in_a_loop(text)
    )
