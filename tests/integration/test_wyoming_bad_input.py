"""What a Wyoming server is sent by mistake or malice: a clear error, the end, and it goes on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest
from wyoming.event import async_read_event

from heisenberg.core.config.wyoming import host_and_port
from heisenberg.wyoming import hearing
from heisenberg.wyoming.messages import (
    AudioStart,
    Detect,
    Event,
    Eventable,
    Ping,
    Pong,
    Synthesize,
    SynthesizeChunk,
    Transcribe,
)
from heisenberg.wyoming.server import MOST_CLIENTS, WyomingServer
from tests.fakes.speech import silence
from tests.fakes.wyoming import SOON_S, client_of, stream, wyoming_server

DESCRIBE = b'{"type": "describe"}\n'
_DEEP = b'{"type": "describe", "data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}\n"

_Raw: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def _raw(server: WyomingServer) -> AsyncIterator[_Raw]:
    host, port = host_and_port(server.address)
    reader, writer = await asyncio.open_connection(host, port, limit=2**20)
    try:
        yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def _last_words(connection: _Raw) -> Event:
    """The error that the server ends with."""
    reader, _ = connection
    async with asyncio.timeout(SOON_S):
        error = await async_read_event(reader)
        assert error is not None
        assert error.type == "error"
        assert await reader.read() == b""
    return error


async def _goes_on(server: WyomingServer) -> None:
    async with client_of(server.address) as client:
        await client.say(Ping("there?"))
        await client.expect(Pong)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "not JSON"),
        (b"\x00\xff\xfe\n", "not JSON"),
        (b"\n", "not JSON"),
        (_DEEP, "not JSON"),
        (b"[1, 2]\n", "no JSON object"),
        (b'"describe"\n', "no JSON object"),
        (b'{"data": {}}\n', "no type"),
        (b'{"type": 7}\n', "no type"),
        (b'{"type": "' + b"x" * 200 + b'"}\n', "no type"),
        (b'{"type": "describe", "data": [1]}\n', "data of a message"),
        (b'{"type": "describe", "data_length": 3}\n{{{', "data of a message is not JSON"),
        (b'{"type": "describe", "data_length": 2}\n[]', "no JSON object"),
        (b'{"type": "describe", "data_length": "7"}\n', "data_length"),
        (b'{"type": "describe", "data_length": -1}\n', "data_length"),
        (b'{"type": "describe", "data_length": 1e9}\n', "data_length"),
        (b'{"type": "describe", "data_length": true}\n', "data_length"),
        (b'{"type": "describe", "data_length": 1000000}\n', "data_length"),
        (b'{"type": "audio-chunk", "payload_length": 99999999999}\n', "payload_length"),
        (b"x" * 100_000, "longer than 65536 bytes"),
        (b'{"type": "transcript"}\n', "no text"),
        (b'{"type": "transcript", "data": {"text": 7}}\n', "no text"),
        (b'{"type": "recognize", "data": {"text": null}}\n', "no text"),
        (b'{"type": "synthesize-stop"}\n', "synthesize-start"),
        (b'{"type": "audio-chunk", "payload_length": 2}\nab', "None Hz"),
    ],
)
async def test_what_is_no_message_ends_the_connection_with_a_word(sent: bytes, said: str) -> None:
    async with wyoming_server() as server:
        async with _raw(server) as connection:
            connection[1].write(sent)
            error = await _last_words(connection)
        assert said in error.data["text"]
        assert error.data["code"] == "input"
        await _goes_on(server)


async def test_a_message_of_a_later_protocol_is_passed_over() -> None:
    async with wyoming_server() as server, _raw(server) as (reader, writer):
        writer.write(b'{"type": "make-coffee"}\n{"type": "describe"}\n')
        event = await async_read_event(reader)
        assert event is not None
        assert event.type == "info"


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        ({"rate": 0, "width": 2, "channels": 1}, "0 Hz"),
        ({"rate": 2_000_000, "width": 2, "channels": 1}, "2000000 Hz"),
        ({"rate": "16000", "width": 2, "channels": 1}, "16000 Hz"),
        ({"rate": 16_000, "width": 4, "channels": 1}, "4 bytes"),
        ({"rate": 16_000, "width": 2, "channels": 0}, "0 channels"),
        ({"rate": 16_000, "width": 2, "channels": 6}, "6 channels"),
    ],
)
@pytest.mark.parametrize("kind", ["audio-start", "audio-chunk"])
async def test_sound_that_can_t_be_used_is_refused(
    kind: str, sound: dict[str, object], said: str
) -> None:
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(Event(kind, dict(sound), b"\0\0" if kind == "audio-chunk" else None))
        error = await client.hear()
        assert error is not None
        assert said in error.data["text"]
        assert await client.hear() is None


async def test_sound_that_changes_or_ends_within_a_sample_is_refused() -> None:
    at = {"rate": 16_000, "width": 2, "channels": 1}
    for chunks in ([b"abc"], [b"ab", b"cd"]):
        async with wyoming_server() as server, client_of(server.address) as client:
            for rate_hz, audio in zip((16_000, 8000), chunks, strict=False):
                await client.say(Event("audio-chunk", {**at, "rate": rate_hz}, audio))
            error = await client.hear()
            assert error is not None
            assert error.type == "error"


async def test_endless_speech_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "LONGEST_S", 2.0)
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(Transcribe(), *stream(silence(2.1), stop=False))
        error = await client.hear()
        assert error is not None
        assert "longer than 2 s" in error.data["text"]
        assert await client.hear() is None


async def test_a_flood_of_sound_is_no_microphone() -> None:
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(Detect(), *stream(silence(30.0), stop=False))
        error = await client.hear()
        assert error is not None
        assert "faster than a microphone" in error.data["text"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Detect(names=["hey_nobody"]), "no wake word 'hey_nobody'.*hey_jarvis"),
        (Synthesize("<speak>Hi</speak>", text_format="ssml"), "plain text"),
        (Synthesize("long " * 3000), "longer than 10000"),
        (SynthesizeChunk("Hello."), "synthesize-start"),
    ],
)
async def test_what_can_t_be_done_is_told(message: Eventable, said: str) -> None:
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(message)
        error = await client.hear()
        assert error is not None
        assert re.search(said, error.data["text"])


async def test_without_a_wake_word_there_is_no_detection() -> None:
    async with wyoming_server(wake=None) as server, client_of(server.address) as client:
        await client.say(Detect(), AudioStart(16_000, 2, 1))
        error = await client.hear()
        assert error is not None
        assert "wake.enabled" in error.data["text"]


async def test_who_leaves_in_the_middle_of_a_message_is_forgotten() -> None:
    async with wyoming_server() as server:
        for sent in (b'{"type": "desc', b'{"type": "a", "payload_length": 10}\nabc', DESCRIBE):
            async with _raw(server) as connection:
                connection[1].write(sent)
                await connection[1].drain()
        await _goes_on(server)


async def test_messages_that_concern_others_are_passed_over() -> None:
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(Event("played"), Event("select-program", {"name": "heisenberg"}))
        await client.say(Ping("still there?"))
        assert (await client.expect(Pong)).text == "still there?"


async def test_too_many_clients_are_refused_and_there_is_room_again() -> None:
    async with wyoming_server() as server:
        crowd = [client_of(server.address) for _ in range(MOST_CLIENTS)]
        for one in crowd:
            client = await one.__aenter__()
            await client.say(Ping("here"))
            await client.expect(Pong)
        async with _raw(server) as connection:
            assert "Too many" in (await _last_words(connection)).data["text"]
        for one in crowd:
            await one.__aexit__(None, None, None)
        await _goes_on(server)


async def test_a_line_of_another_protocol_is_answered_in_json() -> None:
    async with wyoming_server() as server, _raw(server) as connection:
        connection[1].write(b"EHLO example.org\r\n")
        async with asyncio.timeout(SOON_S):
            assert json.loads(await connection[0].readline())["type"] == "error"
