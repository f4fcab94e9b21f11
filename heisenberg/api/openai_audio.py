"""``/v1/audio`` and ``/v1/embeddings``: the recogniser, the voice, and what compares texts."""

from __future__ import annotations

import asyncio
import base64
import textwrap
from collections.abc import Iterator
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal

import numpy as np
from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from heisenberg.api.errors import Unavailable
from heisenberg.api.openai_schemas import EmbeddingsSent, SpeechSent
from heisenberg.api.sound import read_sound_bytes, written
from heisenberg.api.streaming import while_connected
from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.core.errors import InputError
from heisenberg.core.services import Services
from heisenberg.llm.prompts.framing import estimated_tokens
from heisenberg.tts.clauses import ClauseSplitter
from heisenberg.tts.speech import speak

LONGEST_S: Final = 3600.0
_PIECE_S: Final = 25.0
"""The recogniser hears 30 s at once."""
_SEARCHED_S: Final = 5.0
"""Of a piece, its end: there the quietest moment is where it is cut."""
_LONGEST_CLAUSE: Final = 200
"""Characters: a room that has something to say waits for one at most."""
_MOMENT: Final = RATE_HZ // 10


def audio_routes(services: Services, language: str) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.post("/audio/transcriptions", response_model=None)
    async def transcribe(
        request: Request,
        file: Annotated[UploadFile, File()],
        model: Annotated[str, Form()] = "whisper-1",
        response_format: Annotated[Literal["json", "text", "verbose_json"], Form()] = "json",
    ) -> dict[str, Any] | Response:
        """The words of a sound file. Whatever ``model`` says, there is one recogniser."""
        del model
        data = await file.read()
        sound = await asyncio.to_thread(read_sound_bytes, data, longest_s=LONGEST_S)
        text, spoken = await while_connected(request, _words_of(services, sound, language))
        if response_format == "text":
            return Response(f"{text}\n", media_type="text/plain")
        if response_format == "json":
            return {"text": text}
        seconds = round(len(sound) / RATE_HZ, 2)
        return {"task": "transcribe", "language": spoken, "duration": seconds, "text": text}

    @routes.post("/audio/speech", response_class=Response)
    async def say(body: SpeechSent, request: Request) -> Response:
        """A text as sound. Whatever ``model`` and ``voice`` say, there is one voice."""
        if body.speed != 1.0:
            raise InputError(
                "The voice has one speed.", "Leave speed at 1, or set tts.length_scale."
            )
        if body.response_format == "aac":
            raise InputError("There is no AAC here.", "Take mp3, opus, flac, wav or pcm.")
        pcm, rate_hz = await while_connected(request, _sound_of(services, body.input, language))
        sound, media_type = await asyncio.to_thread(written, pcm, rate_hz, body.response_format)
        return Response(sound, media_type=media_type)

    @routes.post("/embeddings")
    async def embed(body: EmbeddingsSent) -> dict[str, Any]:
        """Vectors: texts about the same thing lie close to each other."""
        if services.documents is None:
            raise Unavailable(
                "There is no embedding model.", "'heisenberg models pull' fetches it."
            )
        embedder = services.documents.embedder
        texts = [body.input] if isinstance(body.input, str) else body.input
        vectors = (await embedder.embed(texts)).astype(np.float32)
        as_text = body.encoding_format == "base64"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(row.tobytes()).decode() if as_text else row.tolist(),
            }
            for index, row in enumerate(vectors)
        ]
        tokens = sum(map(estimated_tokens, texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "data": data, "model": embedder.name, "usage": usage}

    return routes


async def _words_of(services: Services, sound: Pcm, language: str) -> tuple[str, str]:
    """What is said, piece by piece, so that a room waits for one piece at most."""
    words = []
    for piece in _pieces(sound):
        heard = await services.stt.transcribe(piece, aside=True)
        if heard.text:
            words.append(heard.text)
            language = heard.language
    return " ".join(words), language


def _pieces(sound: Pcm) -> Iterator[Pcm]:
    """Parts that the recogniser hears at once, cut where it is quietest."""
    longest, searched = round(_PIECE_S * RATE_HZ), round(_SEARCHED_S * RATE_HZ)
    while len(sound) > longest:
        end = sound[longest - searched : longest].astype(np.float64)
        loudness = np.square(end).reshape(-1, _MOMENT).mean(axis=1)
        at = longest - searched + int(loudness.argmin()) * _MOMENT + _MOMENT // 2
        yield sound[:at]
        sound = sound[at:]
    yield sound


async def _sound_of(services: Services, text: str, language: str) -> tuple[Pcm, int]:
    """A text, spoken clause by clause. Raises ``InputError`` where there is nothing to say."""
    splitter = ClauseSplitter(language)
    spoken = [*splitter.push(text), *splitter.flush()]
    clauses = [part for clause in spoken for part in textwrap.wrap(clause, _LONGEST_CLAUSE)]
    chunks: list[AudioChunk] = []
    async with aclosing(speak(services.tts, clauses)) as sound:
        chunks += [chunk async for chunk in sound]
    if not chunks:
        raise InputError("There is nothing to say.", "Send a text with words in it.")
    return np.concatenate([chunk.pcm for chunk in chunks]), chunks[0].rate_hz
