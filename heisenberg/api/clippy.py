"""``/api/clippy``: questions about the owner's documents, for developers and their programs."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from heisenberg.api.errors import Unavailable
from heisenberg.api.schemas import FAILURES, DocsBatch, DocsQuestion, DocsReplies, DocsReply
from heisenberg.api.streaming import events_response, sent_event, while_connected
from heisenberg.core.asking import explain
from heisenberg.core.grounding import Grounds
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services


def clippy_routes(services: Services, unknown: str) -> APIRouter:
    """``unknown`` is what is said where the documents say nothing about a question."""
    routes = APIRouter(prefix="/api/clippy", tags=["documents"], responses=FAILURES)
    documents = _Documents(services, unknown)

    @routes.post("/dev", response_model=DocsReply)
    async def dev(body: DocsQuestion, request: Request) -> DocsReply | StreamingResponse:
        """Ask something about the documents; with ``stream``, as Server-Sent Events."""
        if body.stream:
            return events_response(documents.stream(body))
        return await while_connected(request, documents.answer(body))

    @routes.post("/batch")
    async def batch(body: DocsBatch, request: Request) -> DocsReplies:
        """Ask several things at once: those about the same passages follow each other."""
        began_s = time.perf_counter()
        asked = [
            DocsQuestion(question=one, mode=body.mode, context_size=body.context_size)
            for one in body.questions
        ]
        answers = await while_connected(request, documents.replies(asked))
        took_ms = (time.perf_counter() - began_s) * 1000
        return DocsReplies(replies=answers, processing_time_ms=round(took_ms, 1))

    return routes


class _Documents:
    """Answers from the documents; ``unknown`` is said where they say nothing about a question."""

    def __init__(self, services: Services, unknown: str) -> None:
        self._services = services
        self._unknown = unknown

    async def _look_up(self, asked: DocsQuestion) -> Grounds | None:
        documents = self._services.documents
        if not asked.context_size or (documents is None and asked.mode == "chat"):
            return None
        if documents is None:
            raise Unavailable("There are no documents.", "'heisenberg docs add PATH' adds some.")
        return await documents.grounding.find(asked.question, asked.context_size)

    async def answer(self, asked: DocsQuestion) -> DocsReply:
        answered = Answered(self._services.llm.info)
        return await self._reply(asked, await self._look_up(asked), answered)

    async def _reply(
        self, asked: DocsQuestion, grounds: Grounds | None, answered: Answered
    ) -> DocsReply:
        async with aclosing(self._pieces_of(asked, grounds, answered)) as pieces:
            async for _ in pieces:
                pass
        return _reply_of(answered)

    async def stream(self, asked: DocsQuestion) -> AsyncGenerator[str, None]:
        answered = Answered(self._services.llm.info)
        grounds = await self._look_up(asked)
        async with aclosing(self._pieces_of(asked, grounds, answered)) as pieces:
            async for piece in pieces:
                yield sent_event({"text": piece}, "token")
        yield sent_event(_reply_of(answered).model_dump(), "done")

    async def replies(self, asked: Sequence[DocsQuestion]) -> list[DocsReply]:
        """In their order; those about the same passages are answered one after the other."""
        grounds = [await self._look_up(one) for one in asked]
        found: dict[int, DocsReply] = {}
        for at in sorted(range(len(asked)), key=lambda at: _text_of(grounds[at])):
            found[at] = await self._reply(asked[at], grounds[at], Answered(self._services.llm.info))
        return [found[at] for at in range(len(asked))]

    async def _pieces_of(
        self, asked: DocsQuestion, grounds: Grounds | None, answered: Answered
    ) -> AsyncGenerator[str, None]:
        if grounds is None and asked.mode == "dev" and asked.context_size:
            answered.text = self._unknown
            yield self._unknown
            return
        pieces = explain(self._services, asked.question, grounds, answered)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece


def _reply_of(answered: Answered) -> DocsReply:
    return DocsReply(
        answer=answered.text,
        sources=answered.told_sources(),
        model=answered.model.name,
        processing_time_ms=answered.processing_time_ms,
    )


def _text_of(grounds: Grounds | None) -> str:
    return "" if grounds is None else grounds.text
