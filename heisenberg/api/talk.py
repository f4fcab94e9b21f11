"""``/api/talk``: a question spoken into a browser, answered in words and in sound."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from heisenberg.api.reply import chat_reply
from heisenberg.api.schemas import FAILURES, UserId
from heisenberg.api.sound import read_sound_bytes, written
from heisenberg.api.streaming import events_response, sent_event
from heisenberg.audio.base import Pcm
from heisenberg.core.aio import Channel, cancel_and_wait
from heisenberg.core.asking import talk
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.speech import pause_after

LONGEST_S: Final = 60.0
_MEDIA_TYPES: Final = ("audio/wav", "application/octet-stream")
_BINARY: Final = {"type": "string", "format": "binary"}
_CLAUSES_AHEAD: Final = 2


def talk_routes(services: Services, language: str, graphics: str) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["chat"], responses=FAILURES)

    @routes.post(
        "/talk",
        response_class=StreamingResponse,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {kind: {"schema": _BINARY} for kind in _MEDIA_TYPES},
            }
        },
    )
    async def speak_to_it(
        request: Request, user_id: Annotated[UserId, Query()] = "default"
    ) -> StreamingResponse:
        """Send a sound file, get Server-Sent Events: ``transcript``, ``token`` after ``token``,
        ``audio`` clause by clause (a WAV file in base64), ``done``."""
        data = await request.body()
        utterance = await asyncio.to_thread(read_sound_bytes, data, longest_s=LONGEST_S)
        return events_response(_answered(services, utterance, user_id, language, graphics))

    return routes


async def _answered(
    services: Services, utterance: Pcm, who: str, language: str, graphics: str
) -> AsyncGenerator[str, None]:
    answered = Answered(services.llm.info)
    heard = await services.stt.transcribe(utterance, aside=True)
    yield sent_event({"text": heard.text, "language": heard.language}, "transcript")
    if heard.text:
        pieces = talk(services, who, heard.text, answered)
        async with aclosing(_in_words_and_sound(services, pieces, language)) as events:
            async for event in events:
                yield event
    yield sent_event(chat_reply(answered, graphics).model_dump(), "done")


async def _in_words_and_sound(
    services: Services, pieces: AsyncGenerator[str, None], language: str
) -> AsyncGenerator[str, None]:
    """``token`` and ``audio`` as they are made: words do not wait for the sound of others."""
    events: Channel[str] = Channel(_CLAUSES_AHEAD * 16)
    clauses: Channel[str] = Channel(_CLAUSES_AHEAD)

    async def write() -> None:
        splitter = ClauseSplitter(language)
        async with aclosing(pieces):
            async for piece in pieces:
                await events.send(sent_event({"text": piece}, "token"))
                for clause in splitter.push(piece):
                    await clauses.send(clause)
        for clause in splitter.flush():
            await clauses.send(clause)
        await clauses.close()

    async def speak() -> None:
        async for clause in clauses:
            if (wav := await _wav_of(services, clause)) is not None:
                await events.send(sent_event({"wav": wav}, "audio"))

    async def work() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(write(), name="talk write")
                group.create_task(speak(), name="talk speak")
        finally:
            await events.close()

    working = asyncio.create_task(work(), name="talk")
    try:
        async for event in events:
            yield event
        await working
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        await cancel_and_wait(working)


async def _wav_of(services: Services, clause: str) -> str | None:
    """A clause and the pause after it, as a WAV file in base64; ``None`` without a word."""
    async with aclosing(services.tts.synthesize(clause)) as sound:
        chunks = [chunk async for chunk in sound]
    if not chunks:
        return None
    rate_hz = chunks[0].rate_hz
    parts = [*(chunk.pcm for chunk in chunks), pause_after(clause, rate_hz).pcm]
    wav, _ = await asyncio.to_thread(written, np.concatenate(parts), rate_hz, "wav")
    return base64.b64encode(wav).decode()
