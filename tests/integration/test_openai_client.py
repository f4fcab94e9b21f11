"""OpenAI's own client, unchanged, against our API with scripted engines."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import openai
import pytest
import soundfile

from heisenberg.audio.base import RATE_HZ
from tests.fakes.api import Engines, serving, switchable
from tests.fakes.documents import ScriptedEmbedder
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string"}},
            "required": ["town"],
        },
    },
}
CALL = '<tool_call>{"name": "weather", "arguments": {"town": "Lyon"}}</tool_call>'


@asynccontextmanager
async def _client(engines: Engines | None = None) -> AsyncIterator[openai.AsyncOpenAI]:
    async with (
        serving(engines) as api,
        openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key="any", max_retries=0) as client,
    ):
        yield client


def _said(*texts: str) -> Any:
    """User and assistant in turn."""
    roles = ("user", "assistant")
    return [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]


async def test_a_chat_is_gone_on_with() -> None:
    llm = ScriptedLanguageModel([("It is ", "Paris.")])
    async with _client(Engines(llm)) as client:
        messages = [{"role": "system", "content": "Be short."}, *_said("Hi", "Hello.", "Capital?")]
        done = await client.chat.completions.create(model="heisenberg", messages=messages)

    assert done.choices[0].message.content == "It is Paris."
    assert done.choices[0].finish_reason == "stop"
    assert done.model == "scripted"
    assert done.usage is not None
    assert done.usage.completion_tokens == 2
    request = llm.requests[0]
    assert (request.prompt, request.system_prompt) == ("Capital?", "Be short.")
    assert request.history == (("Hi", "Hello."),)


async def test_a_chat_streams() -> None:
    llm = ScriptedLanguageModel([("one ", "two ", "three ", "four")])
    async with _client(Engines(llm)) as client:
        stream = await client.chat.completions.create(
            model="heisenberg",
            messages=_said("Count"),
            stream=True,
            max_tokens=3,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]

    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert [piece for piece in pieces if piece] == ["one ", "two ", "three "]
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 3


async def test_a_stop_ends_a_reply_and_is_no_part_of_it() -> None:
    llm = ScriptedLanguageModel([("one, t", "wo, thr", "ee, four")])
    async with _client(Engines(llm)) as client:
        done = await client.chat.completions.create(
            model="heisenberg", messages=_said("Count"), stop=["three", "nine"]
        )

    assert done.choices[0].message.content == "one, two, "


async def test_a_tool_is_called_and_its_result_answered() -> None:
    llm = ScriptedLanguageModel([(CALL,), ("It rains.",)])
    async with _client(Engines(llm)) as client:
        messages = _said("How is the weather in Lyon?")
        asked = await client.chat.completions.create(
            model="heisenberg", messages=messages, tools=[WEATHER]
        )
        message = asked.choices[0].message
        assert message.tool_calls is not None
        call: Any = message.tool_calls[0]
        called: Any = message.model_dump(exclude_none=True)
        result: Any = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
        answer = await client.chat.completions.create(
            model="heisenberg", messages=[*messages, called, result], tools=[WEATHER]
        )

    assert asked.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"town": "Lyon"}
    assert answer.choices[0].message.content == "It rains."


async def test_a_tool_is_called_in_a_stream() -> None:
    async with _client(Engines(ScriptedLanguageModel([(CALL,)]))) as client:
        stream = await client.chat.completions.create(
            model="heisenberg", messages=_said("Weather?"), tools=[WEATHER], stream=True
        )
        chunks = [chunk async for chunk in stream]

    calls = [chunk.choices[0].delta.tool_calls for chunk in chunks]
    found: Any = next(call for call in calls if call)[0]
    assert found.function.name == "weather"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


async def test_models_are_listed_and_asked_by_name() -> None:
    async with _client(Engines(switchable(small=100, large=200))) as client:
        names = [model.id async for model in client.models.list()]
        done = await client.chat.completions.create(model="small", messages=_said("Who?"))
        with pytest.raises(openai.NotFoundError) as unknown:
            await client.chat.completions.create(model="gpt-9", messages=_said("Who?"))

    assert names[:2] == ["heisenberg", "small"]
    assert ScriptedEmbedder.name in names
    assert done.choices[0].message.content == "I am small"
    assert unknown.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("messages", "more"),
    [
        ([{"role": "assistant", "content": "Hello."}], {}),
        (_said("Hi", "Hello."), {}),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], {}),
        ([*_said("Hi"), {"role": "tool", "tool_call_id": "none", "content": "x"}], {}),
        (_said("Hi"), {"n": 2}),
        (_said("Hi"), {"tools": [WEATHER], "tool_choice": "required"}),
        (_said("Hi"), {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}),
        (_said(""), {}),
    ],
)
async def test_what_cannot_be_done_is_said(messages: Any, more: dict[str, Any]) -> None:
    async with _client() as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(model="heisenberg", messages=messages, **more)

    assert refused.value.code == "input"
    assert len(refused.value.message) > 20


async def test_texts_become_vectors() -> None:
    async with _client() as client:
        found = await client.embeddings.create(model="any", input=["one", "three"])
        plain = await client.embeddings.create(model="any", input="one", encoding_format="float")

    assert found.data[0].embedding == [0.0, 0.0, 0.0, 1.0]
    assert found.data[1].embedding == [0.0, 1.0, 0.0, 0.0]
    assert plain.data[0].embedding == found.data[0].embedding


async def test_sound_becomes_words_even_where_it_is_long() -> None:
    sound = np.concatenate(
        [np.full(20 * RATE_HZ, 0.1), np.zeros(RATE_HZ), np.full(8 * RATE_HZ, 0.1)]
    )
    file = io.BytesIO()
    soundfile.write(file, sound, RATE_HZ, format="FLAC")
    stt = ScriptedStt(["the first part", "the second part"])
    async with _client(Engines(stt=stt)) as client:
        heard = await client.audio.transcriptions.create(
            model="whisper-1", file=("talk.flac", file.getvalue())
        )

    assert heard.text == "the first part the second part"
    assert [round(len(part) / RATE_HZ) for part in stt.heard] == [20, 9]


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "opus", "pcm"])
async def test_a_text_becomes_sound(form: Any) -> None:
    async with _client(Engines(tts=ScriptedTts(rate_hz=22050, word_s=0.2))) as client:
        said = await client.audio.speech.create(
            model="tts-1", voice="alloy", input="Four words are said.", response_format=form
        )

    if form == "pcm":
        seconds = len(said.content) / 2 / 24_000
    else:
        seconds = soundfile.info(io.BytesIO(said.content)).duration
    assert seconds == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("more", [{"response_format": "aac"}, {"speed": 2.0}, {"input": "…"}])
async def test_a_voice_says_what_it_cannot_do(more: dict[str, Any]) -> None:
    async with _client() as client:
        with pytest.raises(openai.BadRequestError):
            await client.audio.speech.create(
                **{"model": "tts-1", "voice": "alloy", "input": "Hi.", **more}
            )
