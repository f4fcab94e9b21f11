"""``/v1/chat/completions``: the language model, as OpenAI's clients ask it."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from heisenberg.api.errors import openai_body_of
from heisenberg.api.openai_messages import options_of, said_in, told_calls
from heisenberg.api.openai_models import ModelNames
from heisenberg.api.openai_schemas import ChatCompletionSent
from heisenberg.api.stops import until
from heisenberg.api.streaming import events_response, sent_event, while_connected
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services
from heisenberg.llm.base import Generation

_DONE: Final = "data: [DONE]\n\n"


def chat_completion_routes(services: Services, names: ModelNames) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.post("/chat/completions", response_model=None)
    async def complete(
        body: ChatCompletionSent, request: Request
    ) -> dict[str, Any] | StreamingResponse:
        """Go on with a conversation, whole or, with ``stream``, token by token."""
        said = said_in(body.messages)
        options = options_of(body, said, await names.find(body.model))
        completion = _Completion(services.llm.generate(said.prompt, **options), body)
        if body.stream:
            return events_response(completion.events())
        return await while_connected(request, completion.whole())

    return routes


class _Completion:
    """One reply, in OpenAI's words."""

    def __init__(self, generation: Generation, sent: ChatCompletionSent) -> None:
        self._generation = generation
        self._answered = Answered(generation.model)
        stop = sent.stop
        self._stops: Sequence[str] = [stop] if isinstance(stop, str) else stop or []
        self._usage_told = bool(sent.stream_options and sent.stream_options.include_usage)
        self._number = uuid.uuid4().hex
        self._created = int(time.time())

    async def whole(self) -> dict[str, Any]:
        text = ""
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                text += piece
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if calls := told_calls(self._generation.calls, self._number):
            message["tool_calls"] = [
                {name: value for name, value in call.items() if name != "index"} for call in calls
            ]
        elif not text:
            message["content"] = ""
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._end}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage}

    async def events(self) -> AsyncGenerator[str, None]:
        yield self._chunk({"role": "assistant", "content": ""})
        try:
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    yield self._chunk({"content": piece})
        except HeisenbergError as exc:
            yield sent_event(openai_body_of(exc))
            return
        if calls := told_calls(self._generation.calls, self._number):
            yield self._chunk({"tool_calls": calls})
        yield self._chunk({}, self._end)
        if self._usage_told:
            head = self._head("chat.completion.chunk")
            yield sent_event({**head, "choices": [], "usage": self._usage})
        yield _DONE

    def _pieces(self) -> AsyncGenerator[str, None]:
        return until(self._answered.pieces(self._generation), self._stops)

    def _chunk(self, delta: dict[str, Any], end: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
        return sent_event({**self._head("chat.completion.chunk"), "choices": [choice]})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self._number}",
            "object": kind,
            "created": self._created,
            "model": self._generation.model.name,
        }

    @property
    def _end(self) -> str:
        if self._generation.calls:
            return "tool_calls"
        return "length" if self._generation.cut_off else "stop"

    @property
    def _usage(self) -> dict[str, int]:
        prompt, written = self._generation.prompt_tokens, self._generation.tokens
        return {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        }
