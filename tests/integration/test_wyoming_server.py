"""Heisenberg as Home Assistant uses it over Wyoming: with the library's own client, by TCP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Literal

import numpy as np
import pytest

from heisenberg.audio.base import RATE_HZ
from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError, EngineError
from heisenberg.skills.base import Action, Call
from heisenberg.wyoming.messages import (
    Describe,
    Detect,
    Detection,
    Handled,
    Info,
    Intent,
    NotDetected,
    NotHandled,
    NotRecognized,
    Ping,
    Pong,
    Recognize,
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
    Transcribe,
    Transcript,
)
from tests.fakes.api import Engines
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.skills import ScriptedSkill, repertoire
from tests.fakes.speech import join, noise, silence
from tests.fakes.stt import ScriptedStt
from tests.fakes.tts import ScriptedTts
from tests.fakes.wake import wake_sound
from tests.fakes.wyoming import PHRASE, SOON_S, client_of, stream, wyoming_server

QUESTION = "What is the capital of France?"
SPEECH = noise(1.0, colour="pink", level_db=-20, seed=1)


async def test_it_tells_what_there_is() -> None:
    engines = Engines(skills=await repertoire(ScriptedSkill()))
    async with wyoming_server(engines) as server, client_of(server.address) as client:
        await client.say(Describe())
        info: Info = await client.expect(Info)
    for [program] in (info.asr, info.tts, info.wake, info.handle, info.intent):
        assert program.installed
        assert program.name == "heisenberg"
    assert info.asr[0].models[0].languages == ["en"]
    assert info.tts[0].voices[0].languages == ["en"]
    assert info.handle[0].models[0].installed
    assert (info.wake[0].models[0].name, info.wake[0].models[0].phrase) == ("hey_jarvis", PHRASE)


async def test_what_is_not_there_is_not_offered() -> None:
    async with wyoming_server(wake=None) as server, client_of(server.address) as client:
        await client.say(Describe())
        info: Info = await client.expect(Info)
    assert (info.wake, info.intent) == ([], [])


async def test_sound_becomes_words() -> None:
    engines = Engines(stt=ScriptedStt([QUESTION, "And of Spain?"]))
    async with wyoming_server(engines) as server, client_of(server.address) as client:
        await client.say(Transcribe(language="en"), *stream(SPEECH))
        assert await client.expect(Transcript) == Transcript(QUESTION, language="en")
        await client.say(Transcribe(), *stream(SPEECH))
        assert (await client.expect(Transcript)).text == "And of Spain?"
        await client.say(Transcribe(), *stream(silence(0.0)))
        assert (await client.expect(Transcript)).text == ""


@pytest.mark.parametrize(("rate_hz", "channels"), [(8000, 1), (44_100, 1), (16_000, 2)])
async def test_sound_of_other_formats_is_converted(rate_hz: int, channels: int) -> None:
    stt = ScriptedStt([QUESTION])
    pcm = np.repeat(np.full(rate_hz, 5000, np.int16), channels)
    async with wyoming_server(Engines(stt=stt)) as server, client_of(server.address) as client:
        await client.say(Transcribe(), *stream(pcm, rate_hz=rate_hz, channels=channels))
        assert (await client.expect(Transcript)).text == QUESTION
    [heard] = stt.heard
    assert len(heard) == pytest.approx(RATE_HZ, abs=2)
    assert np.median(heard) == pytest.approx(5000, abs=50)


async def test_a_stream_that_begins_anew_is_another() -> None:
    stt = ScriptedStt([QUESTION])
    async with wyoming_server(Engines(stt=stt)) as server, client_of(server.address) as client:
        await client.say(Transcribe(), *stream(SPEECH, stop=False), *stream(SPEECH))
        await client.expect(Transcript)
    assert len(stt.heard[0]) == len(SPEECH)


async def test_text_becomes_sound() -> None:
    tts = ScriptedTts(rate_hz=22_050)
    async with wyoming_server(Engines(tts=tts)) as server, client_of(server.address) as client:
        voice = SynthesizeVoice(name="any")
        await client.say(Synthesize("The capital of France is Paris.", voice=voice))
        pcm, rate_hz = await client.sound()
        assert rate_hz == 22_050
        assert len(pcm) >= 6 * 2205
        await client.say(Synthesize("..."))
        assert len((await client.sound())[0]) == 0


async def test_the_first_sentence_sounds_while_the_text_still_comes() -> None:
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(SynthesizeStart(), SynthesizeChunk("This is the first sentence. And "))
        begun = [await client.hear(), await client.hear()]
        assert [event.type for event in begun if event] == ["audio-start", "audio-chunk"]
        whole = "This is the first sentence. And this the second."
        await client.say(SynthesizeChunk("this the second."), Synthesize(whole), SynthesizeStop())
        while (event := await client.hear()) is not None and event.type != "audio-stop":
            assert event.type == "audio-chunk"
        await client.expect(SynthesizeStopped)


async def test_the_wake_word_is_heard() -> None:
    sound = join(silence(0.5), wake_sound(), silence(0.5))
    async with wyoming_server() as server, client_of(server.address) as client:
        await client.say(Detect(names=["hey_jarvis"]), *stream(sound))
        detection: Detection = await client.expect(Detection)
        assert detection.name == "hey_jarvis"
        assert detection.timestamp == pytest.approx(1000, abs=150)
        await client.say(Detect(), *stream(SPEECH))
        await client.expect(NotDetected)


async def test_each_client_has_ears_of_its_own() -> None:
    begin, end = wake_sound()[:4000], wake_sound()[4000:]
    async with (
        wyoming_server() as server,
        client_of(server.address) as one,
        client_of(server.address) as other,
    ):
        await one.say(Detect(), *stream(begin, stop=False), Ping("one"))
        await one.expect(Pong)
        await other.say(Detect(), *stream(join(end, silence(0.3))))
        await other.expect(NotDetected)


async def test_a_text_is_answered_by_the_model() -> None:
    llm = ScriptedLanguageModel([("It is ", "Paris.")])
    async with wyoming_server(Engines(llm=llm)) as server, client_of(server.address) as client:
        await client.say(Transcript(QUESTION, context={"conversation_id": "kitchen"}))
        assert await client.expect(Handled) == Handled("It is Paris.")


async def test_a_text_that_a_skill_understands_is_done() -> None:
    lamp = ScriptedSkill()
    engines = Engines(skills=await repertoire(lamp))
    async with wyoming_server(engines) as server, client_of(server.address) as client:
        await client.say(Transcript("Switch on the desk lamp."))
        assert await client.expect(Handled) == Handled("It is on.")
    assert lamp.done == ["desk"]


async def test_conversations_are_kept_apart_by_their_names() -> None:
    llm = ScriptedLanguageModel([("First.",), ("Second.",), ("Third.",)])
    async with wyoming_server(Engines(llm=llm)) as server, client_of(server.address) as client:
        for name in ("kitchen", "attic", "kitchen"):
            await client.say(Transcript(f"Hello from the {name}.", {"conversation_id": name}))
            await client.expect(Handled)
    histories = [list(one.history) for one in llm.requests if one.prompt.startswith("Hello")]
    assert histories == [[], [], [("Hello from the kitchen.", "First.")]]


async def test_what_can_t_be_answered_is_not_handled() -> None:
    llm = ScriptedLanguageModel(error=EngineError("The model is broken.", "Mend it."))
    async with wyoming_server(Engines(llm=llm)) as server, client_of(server.address) as client:
        await client.say(Transcript(QUESTION))
        assert (await client.expect(NotHandled)).text == "The model is broken. Mend it."
        await client.say(Transcript("  "))
        await client.expect(NotHandled)


class _Kettle(ScriptedSkill):
    def __init__(self) -> None:
        super().__init__(name="kettle")
        self.actions = (Action("boil", self._boil, {"en": ["boil for {time}"]}),)

    async def _boil(self, call: Call, time: timedelta) -> str:
        raise AssertionError(f"it was only to be understood: {call}, {time}")


async def test_what_a_text_wants_is_told_and_not_done() -> None:
    lamp = ScriptedSkill()
    engines = Engines(skills=await repertoire(lamp, _Kettle()))
    async with wyoming_server(engines) as server, client_of(server.address) as client:
        await client.say(Recognize("Switch on the desk lamp."))
        intent: Intent = await client.expect(Intent)
        assert intent.name == "lamps.on"
        assert [(one.name, one.value) for one in intent.entities] == [("lamp", "desk")]
        await client.say(Recognize("Boil for two minutes."))
        assert (await client.expect(Intent)).entities[0].value == 120.0
        await client.say(Recognize("Why is the sky blue?"))
        await client.expect(NotRecognized)
    assert lamp.asked == []


class _Gate(asyncio.Event):
    """Tells when somebody gave up waiting at it."""

    def __init__(self) -> None:
        super().__init__()
        self.given_up = asyncio.Event()

    async def wait(self) -> Literal[True]:
        try:
            return await super().wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise


async def test_who_leaves_is_not_answered_any_more() -> None:
    gate = _Gate()
    lamp = ScriptedSkill(gate=gate)
    async with wyoming_server(Engines(skills=await repertoire(lamp))) as server:
        async with client_of(server.address) as client:
            await client.say(Transcript("Switch on the desk lamp."))
            await lamp.began.wait()
        async with asyncio.timeout(SOON_S):
            await gate.given_up.wait()
        async with client_of(server.address) as other:
            await other.say(Ping("there?"))
            assert (await other.expect(Pong)).text == "there?"


async def test_a_taken_port_is_named() -> None:
    async with wyoming_server() as server:
        port = server.address.rpartition(":")[2]
        with pytest.raises(ConfigError, match=rf"can't listen at 127.0.0.1:{port}.*wyoming.port"):
            async with wyoming_server(None, f"wyoming.port={port}"):
                pass


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_other_machines_are_let_in_only_where_that_is_meant(host: str) -> None:
    settings = ["wyoming.enabled=true", f"wyoming.host={host}"]
    with pytest.raises(ConfigError, match=r"no password.*wyoming\.allow_network"):
        Config.load(None, settings)
    assert Config.load(None, [*settings, "wyoming.allow_network=true"]).wyoming.host == host
