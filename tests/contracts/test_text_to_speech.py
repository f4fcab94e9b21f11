"""What every voice does."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soxr

from heisenberg.audio.base import RATE_HZ, AudioChunk, Pcm
from heisenberg.core.errors import EngineError, LoadFailed, ModelMissing
from heisenberg.machine.onnx import repeat_noise
from heisenberg.stt.whisper import WhisperStt
from heisenberg.tts.base import TextToSpeech
from heisenberg.tts.espeak import EspeakTts, is_there
from heisenberg.tts.piper import PiperTts
from heisenberg.wyoming.client.tts import WyomingTts
from tests.fakes.api import Engines
from tests.fakes.tts import ScriptedTts
from tests.fakes.wyoming import wyoming_server

REAL = pytest.param("piper", marks=pytest.mark.models)
ESPEAK = pytest.param(
    "espeak", marks=pytest.mark.skipif(not is_there(), reason="espeak-ng is not installed")
)
REAL_BY_WYOMING = pytest.param("piper by wyoming", marks=pytest.mark.models)


def _files(models_dir: Path) -> tuple[Path, Path]:
    model = models_dir / "en_US-joe-medium" / "en_US-joe-medium.onnx"
    return model, model.with_suffix(".onnx.json")


async def _load(models_dir: Path, *, length_scale: float = 1.0) -> PiperTts:
    """Piper varies how it says a thing; the seed makes it vary in the same way every time."""
    repeat_noise(7)
    return await PiperTts.load(*_files(models_dir), length_scale=length_scale)


@pytest_asyncio.fixture
async def piper(models_dir: Path) -> AsyncIterator[PiperTts]:
    voice = await _load(models_dir)
    yield voice
    await voice.aclose()


@pytest_asyncio.fixture(params=["fake", "wyoming", ESPEAK, REAL, REAL_BY_WYOMING])
async def voice(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[TextToSpeech]:
    name, _, way = request.param.partition(" by ")
    voice: TextToSpeech = ScriptedTts()
    if name == "piper":
        voice = await _load(models_dir)
    elif name == "espeak":
        voice = await EspeakTts.load("en")
    if not way and name != "wyoming":
        yield voice
    else:
        async with wyoming_server(Engines(tts=voice)) as server:
            yield await WyomingTts.load(server.address)
    await voice.aclose()


async def _speak(voice: TextToSpeech, text: str) -> list[AudioChunk]:
    return [chunk async for chunk in voice.synthesize(text)]


def _joined(chunks: list[AudioChunk]) -> Pcm:
    return np.concatenate([chunk.pcm for chunk in chunks])


async def test_words_sound(voice: TextToSpeech) -> None:
    chunks = await _speak(voice, "The capital of France is Paris.")
    assert chunks
    for chunk in chunks:
        assert chunk.pcm.dtype == np.int16
        assert chunk.pcm.ndim == 1
        assert chunk.rate_hz >= 8000
        assert chunk.duration_s > 0.1
    assert np.abs(_joined(chunks).astype(int)).max() > 3000


async def test_there_is_no_silence_around_them(voice: TextToSpeech) -> None:
    for text in ("Sure.", "Hi there. How are you? I am well!", "a"):
        chunks = await _speak(voice, text)
        audible = np.flatnonzero(np.abs(_joined(chunks).astype(int)) > 100)
        rate_hz = chunks[0].rate_hz
        assert audible[0] <= 0.011 * rate_hz
        assert len(_joined(chunks)) - audible[-1] <= 0.022 * rate_hz
        assert np.diff(audible).max() <= 0.26 * rate_hz


async def test_more_words_take_longer(voice: TextToSpeech) -> None:
    short = _joined(await _speak(voice, "One, two."))
    long = _joined(await _speak(voice, "One, two, three, four, five, six, seven."))
    assert len(long) > 1.5 * len(short)


async def test_it_speaks_faster_and_slower_where_it_can(voice: TextToSpeech) -> None:
    text = "One, two, three, four, five."
    lengths = [
        sum([chunk.duration_s async for chunk in voice.synthesize(text, pace)])
        for pace in (1.5, 1.0, 0.7)
    ]
    if isinstance(voice, WyomingTts):  # the protocol has no word for it
        assert max(lengths) < 1.2 * min(lengths)
    else:
        assert lengths[1] > 1.2 * lengths[0]
        assert lengths[2] > 1.2 * lengths[1]


async def test_text_without_a_word_is_silent(voice: TextToSpeech) -> None:
    for text in ("", " ", "...", "?!", "\u2014", "\n\n", "\0"):
        assert await _speak(voice, text) == [], text


async def test_sentences_come_one_by_one(voice: TextToSpeech) -> None:
    chunks = await _speak(voice, "This is one. This is two. This is three.")
    assert len(chunks) == 3


async def test_it_goes_on_after_a_reply_was_left_early(voice: TextToSpeech) -> None:
    async with contextlib.aclosing(voice.synthesize("One. Two. Three. Four. Five.")) as chunks:
        async for _ in chunks:
            break
    assert len(await _speak(voice, "Hello again.")) == 1


async def test_closed_it_says_so(voice: TextToSpeech) -> None:
    await voice.aclose()
    with pytest.raises(EngineError, match="closed"):
        await _speak(voice, "Hello.")


_READ_BACK = (
    "It is a quarter past seven.",
    "You have two meetings this morning.",
    "Paris is a large city by a river.",
    "Water boils at one hundred degrees.",
)


@pytest.mark.models
async def test_whisper_reads_it_back(piper: PiperTts, models_dir: Path) -> None:
    said: set[str] = set()
    understood: set[str] = set()
    whisper = await WhisperStt.load(models_dir / "whisper-base", languages=("en",))
    async with contextlib.aclosing(whisper):
        for text in _READ_BACK:
            chunks = await _speak(piper, text)
            sound = soxr.resample(_joined(chunks), chunks[0].rate_hz, RATE_HZ)
            said |= _words(text)
            understood |= _words((await whisper.transcribe(sound)).text)
    assert len(said & understood) >= 0.8 * len(said), said - understood


def _words(text: str) -> set[str]:
    spelled = {"7": "seven", "15": "quarter", "2": "two", "100": "one hundred"}
    plain = re.sub(r"\d+", lambda match: spelled.get(match[0], match[0]), text.lower())
    return set(re.findall(r"[a-z]+", plain))


@pytest.mark.models
async def test_cancelled_within_a_sentence_it_goes_on(
    piper: PiperTts,
) -> None:
    speaking = asyncio.create_task(_speak(piper, "One. Two. Three. Four. Five."))
    await asyncio.sleep(0)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert len(await _speak(piper, "Hello again.")) == 1


@pytest.mark.models
async def test_brackets_are_not_phonemes(piper: PiperTts) -> None:
    assert await _speak(piper, "[[ ]]") == []
    assert len(await _speak(piper, "See [[the list]] below.")) == 1


@pytest.mark.models
async def test_with_the_same_noise_it_speaks_the_same_way_again(models_dir: Path) -> None:
    said = []
    for seed in (7, 7, 8):
        repeat_noise(seed)
        voice = await PiperTts.load(*_files(models_dir))
        async with contextlib.aclosing(voice):
            said.append(_joined(await _speak(voice, "You have two meetings today.")))
    assert np.array_equal(said[0], said[1])
    assert not np.array_equal(said[0], said[2])


@pytest.mark.models
async def test_a_larger_length_scale_is_slower(models_dir: Path) -> None:
    lengths = []
    for length_scale in (0.7, 1.6):
        voice = await _load(models_dir, length_scale=length_scale)
        async with contextlib.aclosing(voice):
            lengths.append(len(_joined(await _speak(voice, "You have two meetings today."))))
    assert lengths[1] > 1.4 * lengths[0]


@pytest.mark.models
async def test_a_missing_file_is_named(models_dir: Path, tmp_path: Path) -> None:
    model, config = _files(models_dir)
    with pytest.raises(ModelMissing, match=r"gone\.json"):
        await PiperTts.load(model, tmp_path / "gone.json")
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        await PiperTts.load(tmp_path / "gone.onnx", config)


@pytest.mark.models
async def test_a_truncated_file_is_named(models_dir: Path, tmp_path: Path) -> None:
    model, config = _files(models_dir)
    half = tmp_path / "half"
    half.write_bytes(model.read_bytes()[:3_000_000])
    with pytest.raises(LoadFailed, match="half"):
        await PiperTts.load(half, config)
    half.write_bytes(config.read_bytes()[:1000])
    with pytest.raises(LoadFailed, match="half"):
        await PiperTts.load(model, half)


@pytest.mark.models
async def test_a_voice_that_needs_the_network_is_refused(models_dir: Path, tmp_path: Path) -> None:
    model, config = _files(models_dir)
    other = tmp_path / "voice.json"
    shutil.copy(config, other)
    text = other.read_text(encoding="utf-8")
    other.write_text(text.replace('"phoneme_type": "espeak"', '"phoneme_type": "pinyin"'))
    assert other.read_text(encoding="utf-8") != text
    with pytest.raises(LoadFailed, match="pinyin"):
        await PiperTts.load(model, other)
