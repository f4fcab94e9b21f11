"""Services of others that are away, die in the middle, hang or make no sense."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError, EngineError
from heisenberg.engines import wyoming_stt, wyoming_wake
from heisenberg.store.store import Store
from heisenberg.voices import wyoming
from heisenberg.wyoming.client.service import Service
from heisenberg.wyoming.client.stt import WyomingStt
from heisenberg.wyoming.client.tts import WyomingTts
from heisenberg.wyoming.client.wake import WyomingWake
from heisenberg.wyoming.info import described
from heisenberg.wyoming.messages import Info
from tests.fakes.api import Engines
from tests.fakes.stt import ScriptedStt
from tests.fakes.wyoming import service_that, wyoming_server

UTTERANCE = np.full(RATE_HZ, 3000, np.int16)
FRAME = UTTERANCE[:1280]


async def _all() -> Info:
    config = await asyncio.to_thread(Config.load)
    return described(config, ["Hey Jarvis", "Computer"], skills=False)


async def _use(role: str, address: str) -> None:
    """Ask the service for what it is there for, as often as it takes to see that it fails."""
    if role == "stt":
        await (await WyomingStt.load(address, ("en",))).transcribe(UTTERANCE)
    elif role == "tts":
        voice = await WyomingTts.load(address)
        async for _ in voice.synthesize("Hello there."):
            pass
    else:
        detector = await WyomingWake.load(address, ["hey_jarvis"], refractory_s=1.0)
        try:
            async with asyncio.timeout(20):
                while True:
                    await detector.process(FRAME)
                    for _ in range(20):  # sound comes as slowly as from a microphone
                        await asyncio.sleep(0)
        finally:
            await detector.aclose()


ROLES = pytest.mark.parametrize("role", ["stt", "tts", "wake"])


@ROLES
async def test_one_that_is_away_is_named(role: str) -> None:
    async with service_that(b"") as address:
        pass
    with pytest.raises(EngineError, match=rf"at {address} can't be reached: connection refused"):
        await _use(role, address)


@ROLES
async def test_one_that_offers_something_else_is_named(role: str) -> None:
    async with service_that(b"") as address:
        with pytest.raises(EngineError, match=rf"at {address} offers no .*wyoming\.{role}"):
            await _use(role, address)


@ROLES
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "broke off in the middle"),
        (b'{"type": "audio-chunk", "payload_length": 100}\nabc', "broke off in the middle"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak the Wyoming protocol"),
        (b'{"type": "error", "data": {"text": "out of memory"}}\n', "an error: out of memory"),
        (b"x" * 100_000, "does not speak the Wyoming protocol"),
    ],
)
async def test_one_that_fails_says_how(role: str, answer: bytes, said: str) -> None:
    async with service_that(answer, info=await _all()) as address:
        with pytest.raises(EngineError, match=rf"at {address} .*{re.escape(said)}") as raised:
            await _use(role, address)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        ("stt", b'{"type": "transcript"}\n'),
        ("stt", b'{"type": "transcript", "data": {"text": 7}}\n'),
        ("tts", b'{"type": "audio-chunk", "payload_length": 2}\nab'),
        (
            "tts",
            b'{"type": "audio-chunk", "data": {"rate": 9, "width": 2, "channels": 1}}\n',
        ),
    ],
)
async def test_answers_that_can_t_be_read_are_no_answers(role: str, answer: bytes) -> None:
    async with service_that(answer, info=await _all()) as address:
        with pytest.raises(EngineError, match=rf"at {address} (sends|does not)"):
            await _use(role, address)


async def test_one_that_hangs_is_given_up() -> None:
    async with service_that(b"", info=await _all(), hangs=True) as address:
        service = replace(Service("recogniser", address, "stt.engine"), answer_s=0.05)
        with pytest.raises(EngineError, match=r"has not answered for 0\.05 s"):
            await WyomingStt(service, ("en",)).transcribe(UTTERANCE)


async def test_after_a_failure_the_next_request_is_a_new_one() -> None:
    good = b'{"type": "transcript", "data": {"text": " Hello. ", "language": "en-US"}}\n'
    async with service_that(b"", good, info=await _all()) as address:
        recogniser = await WyomingStt.load(address, ("en", "fr"))
        with pytest.raises(EngineError):
            await recogniser.transcribe(UTTERANCE)
        transcript = await recogniser.transcribe(UTTERANCE)
    assert (transcript.text, transcript.language) == ("Hello.", "en")


class _Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_wake_word_service_that_is_away_is_told_of_once_and_tried_again() -> None:
    words = (await _all()).wake[0].models[:1]
    clock = _Clock()
    async with service_that(b"") as address:
        pass
    service = Service("wake word detector", address, "wake.engine")
    detector = WyomingWake(service, words, refractory_s=1.0, now_s=clock)
    with pytest.raises(EngineError, match="can't be reached"):
        await detector.process(FRAME)
    for now_s in (0.1, 2.0, 4.0, 4.1, 20.0):
        clock.now_s = now_s
        assert await detector.process(FRAME) is None
    await detector.aclose()


async def test_only_the_wake_words_that_are_wanted_are_listened_for() -> None:
    async with service_that(b"", info=await _all()) as address:
        detector = await WyomingWake.load(address, ["computer"], refractory_s=1.0)
        assert detector.phrases == ("Computer",)
        with pytest.raises(EngineError, match=r"no wake word 'alexa'.*hey_jarvis, computer"):
            await WyomingWake.load(address, ["alexa"], refractory_s=1.0)


async def test_what_the_recogniser_is_sent_is_what_was_heard() -> None:
    stt = ScriptedStt(["Hello."])
    heard: Pcm = np.arange(-8000, 8000, dtype=np.int16)
    async with wyoming_server(Engines(stt=stt)) as server:
        await (await WyomingStt.load(server.address, ("en",))).transcribe(heard)
    assert np.array_equal(stt.heard[0], heard)


@ROLES
async def test_without_an_address_it_is_asked_for(role: str) -> None:
    config = await asyncio.to_thread(Config.load)
    store = await asyncio.to_thread(Store.open, config)
    factory = {"stt": wyoming_stt, "tts": wyoming, "wake": wyoming_wake}[role]
    with pytest.raises(ConfigError, match=rf"Set wyoming\.{role}"):
        await factory(config, store)


@pytest.mark.parametrize(
    "address",
    ["kitchen", "http://kitchen:1", "tcp://kitchen", "tcp://:1", "tcp://a:99999", "tcp://a:1/b"],
)
@pytest.mark.parametrize("name", ["satellites", "stt", "tts", "wake"])
def test_an_address_is_checked(address: str, name: str) -> None:
    with pytest.raises(ConfigError, match=r"tcp://kitchen\.local:10700"):
        Config.load(None, [f"wyoming.{name}={address}"])


def test_a_satellite_is_named_once() -> None:
    with pytest.raises(ConfigError, match="twice"):
        Config.load(None, ['wyoming.satellites=["tcp://a:1", "tcp://a:1"]'])
