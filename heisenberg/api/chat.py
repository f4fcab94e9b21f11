"""``/api/chat``: conversations, each user's their own."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from heisenberg.api.reply import chat_reply
from heisenberg.api.schemas import FAILURES, ChatBatch, ChatMessage, ChatReplies, ChatReply
from heisenberg.api.streaming import events_response, sent_event, while_connected
from heisenberg.core.asking import talk
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services


def chat_routes(services: Services, graphics: str) -> APIRouter:
    """``graphics`` is what the language model in this process computes with besides the CPU."""
    routes = APIRouter(prefix="/api/chat", tags=["chat"], responses=FAILURES)

    async def reply(message: ChatMessage) -> ChatReply:
        answered = Answered(services.llm.info)
        pieces = talk(services, message.user_id, message.message, answered)
        async with aclosing(pieces):
            async for _ in pieces:
                pass
        return chat_reply(answered, graphics)

    async def stream(message: ChatMessage) -> AsyncGenerator[str, None]:
        answered = Answered(services.llm.info)
        pieces = talk(services, message.user_id, message.message, answered)
        async with aclosing(pieces):
            async for piece in pieces:
                yield sent_event({"text": piece}, "token")
        yield sent_event(chat_reply(answered, graphics).model_dump(), "done")

    @routes.post("/message", response_model=ChatReply)
    async def message(body: ChatMessage, request: Request) -> ChatReply | StreamingResponse:
        """Say something and get an answer; with ``stream``, as Server-Sent Events: ``token``
        after ``token``, then ``done`` with the whole."""
        if body.stream:
            return events_response(stream(body))
        return await while_connected(request, reply(body))

    @routes.post("/batch")
    async def batch(body: ChatBatch, request: Request) -> ChatReplies:
        """Say several things, one after the other."""
        began_s = time.perf_counter()

        async def replies() -> list[ChatReply]:
            return [await reply(one) for one in body.messages]

        answers = await while_connected(request, replies())
        took_ms = (time.perf_counter() - began_s) * 1000
        return ChatReplies(replies=answers, processing_time_ms=round(took_ms, 1))

    return routes
