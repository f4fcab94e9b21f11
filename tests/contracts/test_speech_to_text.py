"""What every recogniser does."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import ConfigError, EngineError, LoadFailed, ModelMissing
from heisenberg.stt.base import SpeechToText
from heisenberg.stt.whisper import WhisperStt
from heisenberg.wyoming.client.stt import WyomingStt
from tests.fakes.api import Engines
from tests.fakes.speech import (
    breath,
    clicks,
    hum,
    join,
    mixed,
    music,
    noise,
    scaled,
    silence,
    spoken,
)
from tests.fakes.stt import ScriptedStt
from tests.fakes.wyoming import wyoming_server

QUESTION = "What is the capital of France?"
TINY = pytest.param("whisper-tiny.en", marks=pytest.mark.models)
BASE = pytest.param("whisper-base", marks=pytest.mark.models)


@dataclass(frozen=True)
class _Case:
    """A recogniser and somebody asking it ``QUESTION``."""

    recogniser: SpeechToText
    question: Pcm


@pytest_asyncio.fixture(params=["fake", "wyoming", TINY, BASE])
async def case(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[_Case]:
    sound = noise(1.0, colour="pink", level_db=-20, seed=1)
    if request.param == "fake":
        yield _Case(ScriptedStt([QUESTION]), sound)
        return
    if request.param == "wyoming":
        async with wyoming_server(Engines(stt=ScriptedStt([QUESTION]))) as server:
            yield _Case(await WyomingStt.load(server.address, ("en",)), sound)
        return
    recogniser = await WhisperStt.load(models_dir / request.param, languages=("en",))
    yield _Case(recogniser, spoken(models_dir, QUESTION))
    await recogniser.aclose()


@pytest_asyncio.fixture(params=[TINY, BASE])
async def whisper(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[WhisperStt]:
    recogniser = await WhisperStt.load(models_dir / request.param, languages=("en",))
    yield recogniser
    await recogniser.aclose()


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


async def test_words_are_heard(case: _Case) -> None:
    transcript = await case.recogniser.transcribe(case.question)
    assert words(transcript.text) == words(QUESTION)
    assert transcript.text == transcript.text.strip()
    assert transcript.language == "en"


async def test_an_utterance_that_goes_on_is_made_out_aside_and_holds_up_no_other(
    case: _Case,
) -> None:
    begun = case.question[: len(case.question) * 2 // 3]
    looking = asyncio.create_task(case.recogniser.transcribe(begun, aside=True))
    transcript = await case.recogniser.transcribe(case.question)
    assert words(transcript.text) == words(QUESTION)
    assert words((await looking).text)[:3] == words(QUESTION)[:3]


async def test_a_quick_look_finds_clear_words_too(case: _Case) -> None:
    assert words((await case.recogniser.transcribe(case.question, quick=True)).text) == words(
        QUESTION
    )


async def test_silence_has_no_words(case: _Case) -> None:
    for seconds in (0.0, 0.001, 0.099, 0.5, 3.0):
        assert (await case.recogniser.transcribe(silence(seconds))).text == ""


async def test_too_short_for_a_word_has_none(case: _Case) -> None:
    assert (await case.recogniser.transcribe(case.question[: RATE_HZ // 11])).text == ""


async def test_closed_it_says_so(case: _Case) -> None:
    await case.recogniser.aclose()
    with pytest.raises(EngineError, match="closed"):
        await case.recogniser.transcribe(case.question)


_NOISES = {
    "white": noise(2.0, colour="white", level_db=-30, seed=11),
    "pink": noise(3.0, colour="pink", level_db=-45, seed=12),
    "loud pink": noise(1.5, colour="pink", level_db=-15, seed=13),
    "brown": noise(2.5, colour="brown", level_db=-20, seed=14),
    "hum": hum(2.0, level_db=-25),
    "music": music(4.0, level_db=-20, seed=15),
    "clicks": clicks(2.0, level_db=-35, seed=16),
    "breath": breath(3.0, level_db=-35, seed=17),
    "almost silent": np.tile(np.array([0, 1], dtype=np.int16), RATE_HZ),
}


@pytest.mark.models
async def test_noise_and_music_have_no_words(whisper: WhisperStt) -> None:
    heard = {name: (await whisper.transcribe(pcm)).text for name, pcm in _NOISES.items()}
    assert heard == dict.fromkeys(_NOISES, "")


@pytest.mark.models
async def test_quiet_speech_in_a_room_is_heard(whisper: WhisperStt, models_dir: Path) -> None:
    quiet = scaled(join(silence(0.3), spoken(models_dir, QUESTION), silence(0.3)), -25)
    room = mixed(quiet, noise(2.0, colour="pink", level_db=-65, seed=18))
    assert words((await whisper.transcribe(room)).text) == words(QUESTION)


@pytest.mark.models
async def test_short_and_polite_words_are_heard(whisper: WhisperStt, models_dir: Path) -> None:
    for text in ("Stop.", "Yes.", "Thank you.", "Never mind."):
        utterance = join(silence(0.2), spoken(models_dir, text), silence(0.3))
        assert words((await whisper.transcribe(utterance)).text) == words(text)


@pytest.mark.models
async def test_a_short_question_does_not_wait_for_a_story_of_another_room(
    whisper: WhisperStt, models_dir: Path
) -> None:
    ends: list[str] = []

    async def hear(name: str, sound: Pcm) -> str:
        heard = await whisper.transcribe(sound)
        ends.append(name)
        return heard.text

    story = asyncio.create_task(hear("story", spoken(models_dir, " ".join(_STORY))))
    await asyncio.sleep(0)  # it is being made out
    assert words(await hear("question", spoken(models_dir, QUESTION))) == words(QUESTION)
    await story
    assert ends == ["question", "story"]


_STORY = (
    "The dog walked along the river until it came to a small house.",
    "Nobody was at home, but the door was open and the kitchen smelled of soup.",
    "So it went in, lay down under the table and waited for somebody to come.",
    "In the evening an old woman came back from the market with a heavy basket.",
    "She was surprised to find a guest, but she gave him a bone and some water.",
    "From that day on they lived together, and every morning they went for a walk.",
    "In winter they sat by the fire while the snow fell on the roof.",
    "The neighbours said that they had never seen two better friends.",
)


@pytest.mark.models
async def test_more_than_half_a_minute_is_heard_to_its_end(
    whisper: WhisperStt, models_dir: Path
) -> None:
    sentences = [part for text in _STORY for part in (spoken(models_dir, text), silence(0.6))]
    long = join(*sentences, spoken(models_dir, QUESTION))
    assert len(long) > 32 * RATE_HZ
    heard = words((await whisper.transcribe(long)).text)
    assert heard[-6:] == words(QUESTION)
    said = set(words(" ".join(_STORY)))
    assert len(said & set(heard)) >= 0.85 * len(said), said - set(heard)


@pytest.mark.models
async def test_among_several_languages_the_one_spoken_is_found(models_dir: Path) -> None:
    recogniser = await WhisperStt.load(models_dir / "whisper-base", languages=("fr", "en"))
    transcript = await recogniser.transcribe(spoken(models_dir, QUESTION))
    await recogniser.aclose()
    assert transcript.language == "en"
    assert words(transcript.text) == words(QUESTION)


@pytest.mark.models
@pytest.mark.parametrize(
    ("model", "languages"), [("whisper-tiny.en", ("en", "fr")), ("whisper-base", ("qq",))]
)
async def test_a_language_it_does_not_know_is_refused(
    models_dir: Path, model: str, languages: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError, match=f"does not understand '{languages[-1]}'"):
        await WhisperStt.load(models_dir / model, languages=languages)


@pytest.mark.models
@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json"])
async def test_a_missing_file_is_named(models_dir: Path, tmp_path: Path, name: str) -> None:
    folder = _copy(models_dir, tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelMissing, match=re.escape(name)):
        await WhisperStt.load(folder, languages=("en",))


@pytest.mark.models
@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json"])
async def test_a_truncated_file_is_refused(models_dir: Path, tmp_path: Path, name: str) -> None:
    folder = _copy(models_dir, tmp_path)
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(LoadFailed, match=re.escape(folder.name)) as raised:
        await WhisperStt.load(folder, languages=("en",))
    assert "\n" not in str(raised.value)


def _copy(models_dir: Path, tmp_path: Path) -> Path:
    """The smallest model in a folder of its own; the files are links until they are replaced."""
    folder = tmp_path / "whisper"
    shutil.copytree(models_dir / "whisper-tiny.en", folder, copy_function=_link)
    return folder


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).resolve())
