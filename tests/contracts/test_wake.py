"""What every wake detector does."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import EngineError, LoadFailed, ModelMissing
from heisenberg.wake.base import WakeDetector, WakeWord
from heisenberg.wake.openwakeword import Head, OpenWakeWordDetector
from tests.fakes.speech import breath, hum, join, mixed, music, noise, scaled, silence, spoken
from tests.fakes.wake import ScriptedWake, wake_sound
from tests.fakes.wyoming import remote_wake

FAKE = "fake"
WYOMING = "wyoming"
REAL = pytest.param("openwakeword", marks=pytest.mark.models)


@dataclass(frozen=True)
class _Case:
    """A detector, what wakes it, and the same followed by a request."""

    detector: WakeDetector
    call: Pcm
    request: Pcm
    halves: tuple[Pcm, Pcm]


def _head(models_dir: Path) -> Path:
    return models_dir / "hey_jarvis" / "hey_jarvis_v0.1.onnx"


async def _load(
    models_dir: Path,
    *,
    heads: Sequence[Path] = (),
    threshold: float = 0.5,
    refractory_s: float = 1.0,
) -> OpenWakeWordDetector:
    features = models_dir / "openwakeword-features"
    return await OpenWakeWordDetector.load(
        [Head.at(path) for path in heads or (_head(models_dir),)],
        features / "melspectrogram.onnx",
        features / "embedding_model.onnx",
        threshold=threshold,
        refractory_s=refractory_s,
    )


@pytest_asyncio.fixture
async def jarvis(models_dir: Path) -> AsyncIterator[OpenWakeWordDetector]:
    detector = await _load(models_dir)
    yield detector
    await detector.aclose()


@pytest_asyncio.fixture(params=[FAKE, WYOMING, REAL])
async def case(request: pytest.FixtureRequest, models_dir: Path) -> AsyncIterator[_Case]:
    if request.param in (FAKE, WYOMING):
        call = wake_sound()
        words = noise(2.0, colour="pink", level_db=-20, seed=1)
        sounds = call, join(call, words), (call[:4000], call[4000:])
        if request.param == FAKE:
            yield _Case(ScriptedWake(), *sounds)
            return
        async with remote_wake() as detector:
            yield _Case(detector, *sounds)
        return
    detector = await _load(models_dir)
    call = spoken(models_dir, "Hey Jarvis.")
    whole = spoken(models_dir, "Hey Jarvis, what is the capital of France?")
    yield _Case(detector, call, whole, (call[: len(call) // 2], call[len(call) // 2 :]))
    await detector.aclose()


async def _listen(
    detector: WakeDetector, pcm: Pcm, *, at_least: float = 0.0
) -> list[tuple[float, WakeWord]]:
    """Reports with their times: the end of the frame that gave them, in seconds."""
    size = detector.frame_samples
    reports = []
    for begin in range(0, len(pcm) - size + 1, size):
        report = await detector.process(pcm[begin : begin + size], at_least=at_least)
        if report is not None:
            reports.append(((begin + size) / RATE_HZ, report))
    return reports


async def test_the_wake_word_in_a_sentence_is_reported_once_as_it_ends(case: _Case) -> None:
    sound = join(silence(1.0), case.request, silence(1.5))
    [(at_s, report)] = await _listen(case.detector, sound)
    assert at_s == pytest.approx(1.0 + len(case.call) / RATE_HZ, abs=0.3)
    assert 0.5 <= report.score <= 1.0
    assert report.phrase == case.detector.phrase == case.detector.phrases[0] == "Hey Jarvis"
    assert report.model


async def test_it_is_reported_again_when_said_again(case: _Case) -> None:
    sound = join(silence(0.5), case.call, silence(2.0), case.call, silence(1.0))
    assert len(await _listen(case.detector, sound)) == 2


async def test_silence_is_no_wake_word(case: _Case) -> None:
    assert await _listen(case.detector, silence(3.0)) == []


async def test_more_can_be_asked_for_at_times(case: _Case) -> None:
    sound = join(silence(0.5), case.call, silence(1.5))
    assert await _listen(case.detector, sound, at_least=1.0) == []
    assert len(await _listen(case.detector, sound, at_least=0.6)) == 1


async def test_half_of_it_before_a_reset_and_half_after_is_none(case: _Case) -> None:
    first, second = case.halves
    await _listen(case.detector, join(silence(1.04), first))
    await case.detector.reset()
    assert await _listen(case.detector, join(second, silence(1.0))) == []


async def test_right_after_a_reset_it_hears(case: _Case) -> None:
    assert await _listen(case.detector, join(silence(0.5), case.call, silence(0.5)))
    await case.detector.reset()
    [(at_s, _)] = await _listen(case.detector, join(case.call, silence(0.5)))
    assert at_s == pytest.approx(len(case.call) / RATE_HZ, abs=0.3)


async def test_closed_it_says_so(case: _Case) -> None:
    await case.detector.aclose()
    with pytest.raises(EngineError, match="closed"):
        await case.detector.process(np.zeros(case.detector.frame_samples, dtype=np.int16))


@pytest.mark.models
@pytest.mark.parametrize(
    ("length_scale", "pitch"), [(0.8, 1.15), (0.9, 0.88), (1.0, 1.3), (1.2, 1.0), (1.4, 1.0)]
)
async def test_speakers_and_paces_are_heard(
    jarvis: OpenWakeWordDetector, models_dir: Path, length_scale: float, pitch: float
) -> None:
    call = spoken(models_dir, "Hey Jarvis.", length_scale=length_scale, pitch=pitch)
    quiet = mixed(
        join(silence(1.0), scaled(call, -20), silence(1.0)),
        noise(4.0, colour="pink", level_db=-60, seed=5),
    )
    [(at_s, _)] = await _listen(jarvis, quiet)
    assert at_s == pytest.approx(1.0 + len(call) / RATE_HZ, abs=0.3)


@pytest.mark.models
async def test_any_of_several_wake_words_is_told_by_its_phrase(
    models_dir: Path, tmp_path: Path
) -> None:
    nickname = tmp_path / "old_friend_v2.1.onnx"
    shutil.copy(_head(models_dir), nickname)
    heads = [_head(models_dir), nickname]
    async with contextlib.aclosing(await _load(models_dir, heads=heads)) as detector:
        assert detector.phrases == ("Hey Jarvis", "Old Friend")
        call = spoken(models_dir, "Hey Jarvis.")
        [(_, report)] = await _listen(detector, join(silence(0.5), call, silence(1.5)))
    assert (report.model, report.phrase) in {
        ("hey_jarvis_v0.1", "Hey Jarvis"),
        ("old_friend_v2.1", "Old Friend"),
    }


@pytest.mark.models
@pytest.mark.parametrize(("refractory_s", "reports"), [(0.5, 2), (3.0, 1)])
async def test_for_the_refractory_time_it_is_not_reported_again(
    models_dir: Path, refractory_s: float, reports: int
) -> None:
    call = spoken(models_dir, "Hey Jarvis.")
    sound = join(silence(0.5), call, silence(1.0), call, silence(1.0))
    loading = _load(models_dir, refractory_s=refractory_s)
    async with contextlib.aclosing(await loading) as detector:
        assert len(await _listen(detector, sound)) == reports


_SPEECH = (
    "Hey Travis, what is the capital of France?",
    "Hey there, how are you doing today?",
    "I had a very nice harvest this year, and the jars are full.",
    "Please set a timer for ten minutes and turn on the light in the kitchen.",
    "The service was slow, but the food made up for it.",
    "Hey Harvey, have you seen my keys anywhere?",
    "Once upon a time there was a small dog that lived in a large house by the sea.",
    "The moon is about three hundred and eighty thousand kilometres away from the earth.",
    "She sells sea shells on the sea shore, and they are very expensive.",
    "Could you tell me when the next train to the city leaves?",
    "Water boils at one hundred degrees, and freezes at zero.",
    "Yes. No. Maybe. Stop. Never mind. Thank you very much.",
    "Hey Mycroft, play some jazz for me, would you?",
    "In the morning we walked along the river until it began to rain.",
    "Hey, can you hear me? I am just standing here in the garage.",
    "What a charming place this is, with all those flowers in the garden.",
    "There are seven days in a week, and twelve months in a year.",
)


@pytest.mark.models
async def test_a_minute_of_other_speech_is_no_wake_word(
    jarvis: OpenWakeWordDetector, models_dir: Path
) -> None:
    manners = [(1.0, 1.0), (0.9, 1.15), (1.2, 0.9)]
    parts = []
    for index, text in enumerate(_SPEECH):
        length_scale, pitch = manners[index % 3]
        parts += [spoken(models_dir, text, length_scale=length_scale, pitch=pitch), silence(0.7)]
    sound = join(*parts)
    assert len(sound) > 60 * RATE_HZ
    assert await _listen(jarvis, sound) == []


@pytest.mark.models
async def test_noise_and_music_are_no_wake_word(jarvis: OpenWakeWordDetector) -> None:
    sound = join(
        noise(8.0, colour="white", level_db=-30, seed=1),
        noise(8.0, colour="pink", level_db=-20, seed=2),
        noise(8.0, colour="brown", level_db=-15, seed=3),
        music(12.0, level_db=-20, seed=4),
        hum(4.0, level_db=-25),
        breath(8.0, level_db=-30, seed=5),
    )
    assert await _listen(jarvis, sound) == []


@pytest.mark.models
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.99])
async def test_it_reports_what_the_openwakeword_package_scores(
    models_dir: Path, threshold: float
) -> None:
    from openwakeword.model import Model

    features = models_dir / "openwakeword-features"
    reference = Model(
        wakeword_models=[str(_head(models_dir))],
        inference_framework="onnx",
        melspec_model_path=str(features / "melspectrogram.onnx"),
        embedding_model_path=str(features / "embedding_model.onnx"),
    )
    # The package begins with random sound in its memory: let it forget that.
    sound = join(
        noise(3.0, colour="pink", level_db=-50, seed=6),
        spoken(models_dir, "Hey Jarvis, what is the capital of France?"),
        silence(1.0),
    )
    frames = [sound[begin : begin + 1280] for begin in range(0, len(sound) - 1279, 1280)]
    scores = [float(reference.predict(frame)[_head(models_dir).stem]) for frame in frames]
    # A report takes two frames in a row, and waits a moment for a score that hardly rises further;
    # however little is asked for, low scores before the word's end bring no report sooner.
    high = max(threshold, 0.95)
    first = next(
        at
        for at in range(1, len(scores))
        if min(scores[at - 1 : at + 1]) >= max(threshold, 0.5) and scores[at] >= high
    )

    async with contextlib.aclosing(await _load(models_dir, threshold=threshold)) as detector:
        (at_s, report), *_ = await _listen(detector, sound)
    assert at_s == pytest.approx((first + 1) * 0.08)
    assert report.score == pytest.approx(scores[first], abs=1e-4)


@pytest.mark.models
async def test_several_listen_with_the_same_networks_and_hear_each_their_own(
    jarvis: OpenWakeWordDetector, models_dir: Path
) -> None:
    call = spoken(models_dir, "Hey Jarvis.")
    half = len(call) // 2
    async with contextlib.aclosing(await jarvis.another()) as other:
        assert await _listen(jarvis, join(silence(1.0), call[:half])) == []
        assert await _listen(other, join(silence(1.0), call[half:], silence(1.0))) == []
        await jarvis.aclose()
        assert len(await _listen(other, join(silence(1.0), call, silence(1.0)))) == 1


@pytest.mark.models
async def test_a_missing_file_is_named(models_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        await _load(models_dir, heads=[tmp_path / "gone.onnx"])


@pytest.mark.models
async def test_a_truncated_file_is_named(models_dir: Path, tmp_path: Path) -> None:
    head = tmp_path / "half.onnx"
    head.write_bytes(_head(models_dir).read_bytes()[:600_000])
    with pytest.raises(LoadFailed, match=r"half\.onnx"):
        await _load(models_dir, heads=[head])


@pytest.mark.models
async def test_a_network_that_is_no_head_is_refused(models_dir: Path) -> None:
    other = models_dir / "openwakeword-features" / "melspectrogram.onnx"
    with pytest.raises(LoadFailed, match=r"melspectrogram\.onnx"):
        await _load(models_dir, heads=[other])
