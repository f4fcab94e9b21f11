"""What the real engines hear of Heisenberg's own voice, and of a user who talks over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, AudioSource, Pcm
from heisenberg.audio.echo import EchoCancelledSource
from heisenberg.audio.room_canceller import RoomCanceller
from heisenberg.audio.simulated import Echo, SimulatedCard
from heisenberg.audio.vad import SileroVad
from heisenberg.audio.webrtc import WebRtcCanceller
from heisenberg.stt.whisper import WhisperStt
from heisenberg.wake.openwakeword import Head, OpenWakeWordDetector
from tests.fakes.echo import level_db
from tests.fakes.speech import join, noise, scaled, silence, spoken

pytestmark = pytest.mark.models

_REPLY = (
    "I am here whenever you say my name. It is called the wake word. "
    "Hey Jarvis! And when I should be quiet, say stop. Stop. Stop it. Hey Jarvis, stop."
)
_WARM_S = 2.5
_SPEECH = 0.5
_ONSET_FRAMES = 3


@pytest.mark.parametrize("gain", [1.0, 0.5, 0.25])
async def test_its_own_words_are_neither_speech_nor_the_wake_word(
    models_dir: Path, gain: float
) -> None:
    reply = scaled(spoken(models_dir, _REPLY), 6)
    echo = Echo(gain, delay_ms=45.0, room=8, overdrive=0.5)
    heard = await _hear(silence(len(reply) / RATE_HZ + 1.0), reply, echo)
    assert _onsets_s(await _speech(heard[round(_WARM_S * RATE_HZ) :])) == []
    assert await _wakes(models_dir, heard) == 0


async def test_without_cancellation_they_would_be_both(models_dir: Path) -> None:
    reply = scaled(spoken(models_dir, _REPLY), 6)
    room = silence(len(reply) / RATE_HZ + 1.0)
    heard = await _hear(room, reply, Echo(0.25, 45.0, 8), cancelled=False)
    assert _onsets_s(await _speech(heard))
    assert await _wakes(models_dir, heard) > 0


@pytest.mark.parametrize("louder_db", [0.0, 5.0])
async def test_a_user_who_talks_over_the_reply_is_noticed_at_once_and_understood(
    models_dir: Path, whisper: WhisperStt, louder_db: float
) -> None:
    text = "Where can I buy fresh bread today?"
    voice = spoken(models_dir, text, pitch=1.1)
    begin_s = 6.0
    begin = round(begin_s * RATE_HZ)
    reply = spoken(models_dir, _REPLY)
    reply = join(reply[: begin + 2400], scaled(reply[begin + 2400 :], -15))  # ducked
    voice = scaled(voice, level_db(reply[:begin]) - 6 + louder_db - level_db(voice))
    room = noise(begin_s + len(voice) / RATE_HZ + 0.5, colour="pink", level_db=-65, seed=1)
    recording = room.copy()
    recording[begin : begin + len(voice)] += voice
    heard = await _hear(recording, reply, Echo(0.5, 45.0, 8))

    alone_s = _onsets_s(await _speech(recording))[0]
    onset_s = next(at for at in _onsets_s(await _speech(heard)) if at > begin_s - 0.1)
    assert onset_s - alone_s <= 0.15
    assert (await whisper.transcribe(heard[begin - 4800 :])).text == text


async def _hear(recording: Pcm, reply: Pcm, echo: Echo, *, cancelled: bool = True) -> Pcm:
    """What is heard of ``recording`` while ``reply`` is spoken from its start on."""
    card = SimulatedCard(recording, fast=True, echo=echo)
    source: AudioSource = card
    if cancelled:
        source = EchoCancelledSource(card, card, RoomCanceller(WebRtcCanceller.load()))
    heard: list[Pcm] = []
    async with aclosing(aiter(source)) as chunks:
        async for chunk in chunks:
            said = len(heard) * CHUNK_SAMPLES
            if said < len(reply):
                await card.write(AudioChunk(reply[said : said + CHUNK_SAMPLES]))
            heard.append(chunk.pcm)
            if chunk.t_s + chunk.duration_s >= len(recording) / RATE_HZ:
                break
    await source.aclose()
    return np.concatenate(heard)


async def _speech(pcm: Pcm) -> list[float]:
    vad = await SileroVad.load()
    size = vad.frame_samples
    frames = (pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size))
    probabilities = [await vad.probability(frame) for frame in frames]
    await vad.aclose()
    return probabilities


def _onsets_s(probabilities: list[float]) -> list[float]:
    """Where speech begins: at the first of some frames in a row."""
    onsets = []
    run = 0
    for index, probability in enumerate(probabilities):
        run = run + 1 if probability >= _SPEECH else 0
        if run == _ONSET_FRAMES:
            onsets.append((index + 1 - _ONSET_FRAMES) * 512 / RATE_HZ)
    return onsets


async def _wakes(models_dir: Path, pcm: Pcm) -> int:
    features = models_dir / "openwakeword-features"
    detector = await OpenWakeWordDetector.load(
        [Head.at(models_dir / "hey_jarvis" / "hey_jarvis_v0.1.onnx")],
        features / "melspectrogram.onnx",
        features / "embedding_model.onnx",
        threshold=0.3,
        refractory_s=1.0,
    )
    size = detector.frame_samples
    frames = (pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size))
    woken = [await detector.process(frame) for frame in frames]
    await detector.aclose()
    return sum(wake is not None for wake in woken)


@pytest_asyncio.fixture
async def whisper(models_dir: Path) -> AsyncIterator[WhisperStt]:
    recogniser = await WhisperStt.load(models_dir / "whisper-base", languages=("en",), threads=2)
    yield recogniser
    await recogniser.aclose()
