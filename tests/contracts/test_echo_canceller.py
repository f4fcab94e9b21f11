"""What every echo canceller does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, EchoCanceller, Pcm
from heisenberg.audio.echo_path import room_of
from heisenberg.audio.room_canceller import RoomCanceller
from heisenberg.audio.webrtc import WebRtcCanceller
from heisenberg.core.errors import EngineError
from heisenberg.stt.whisper import WhisperStt
from tests.fakes.echo import SubtractingCanceller, babble, echo_of, level_db
from tests.fakes.speech import join, noise, scaled, silence, spoken

_GAIN = 0.5


@dataclass(frozen=True)
class _Case:
    """A way to make a canceller, and the room it works in."""

    make: Callable[[], EchoCanceller]
    echo: Callable[[Pcm], Pcm]
    late: int
    """Its sound comes so many samples later at most."""


def _in_a_room(far: Pcm) -> Pcm:
    return echo_of(far, gain=_GAIN, delay_ms=35, room=room_of(4))


_CASES = {
    "fake": _Case(
        lambda: SubtractingCanceller(_GAIN), lambda far: echo_of(far, gain=_GAIN, delay_ms=0), 0
    ),
    "webrtc": _Case(WebRtcCanceller.load, _in_a_room, 128),
    "room": _Case(lambda: RoomCanceller(WebRtcCanceller.load()), _in_a_room, 128),
}


@pytest.fixture(params=sorted(_CASES))
def case(request: pytest.FixtureRequest) -> _Case:
    return _CASES[request.param]


@pytest_asyncio.fixture
async def canceller(case: _Case) -> AsyncIterator[EchoCanceller]:
    canceller = case.make()
    yield canceller
    await canceller.aclose()


def _whole(pcm: Pcm) -> Pcm:
    """As many whole chunks as there are in it."""
    return pcm[: len(pcm) // CHUNK_SAMPLES * CHUNK_SAMPLES]


def _process(canceller: EchoCanceller, near: Pcm, far: Pcm) -> Pcm:
    """In chunks, as a microphone delivers them."""
    parts = []
    for at in range(0, len(near), CHUNK_SAMPLES):
        chunk = slice(at, at + CHUNK_SAMPLES)
        parts.append(canceller.process(near[chunk], far[chunk]))
    return np.concatenate(parts)


async def test_the_echo_is_gone_after_a_warm_up(case: _Case, canceller: EchoCanceller) -> None:
    far = babble(6.0, level_db=-20, seed=1)
    near = case.echo(far)
    rest = _process(canceller, near, far)
    assert level_db(near[4 * RATE_HZ :]) - level_db(rest[4 * RATE_HZ :]) >= 20.0


async def test_the_room_is_remembered_while_nothing_is_processed(
    case: _Case, canceller: EchoCanceller
) -> None:
    first = join(babble(6.0, level_db=-20, seed=2), silence(1.0))
    _process(canceller, case.echo(first), first)
    second = join(silence(0.2), babble(1.0, level_db=-20, seed=3))
    near = case.echo(second)
    rest = _process(canceller, near, second)
    assert level_db(near) - level_db(rest) >= 20.0


async def test_silence_stays_silence(canceller: EchoCanceller) -> None:
    assert not _process(canceller, silence(1.0), silence(1.0)).any()


@pytest.mark.models
async def test_a_voice_alone_keeps_its_words(
    canceller: EchoCanceller, models_dir: Path, whisper: WhisperStt
) -> None:
    text = "Where can I buy fresh bread today?"
    near = _whole(join(silence(0.5), spoken(models_dir, text), silence(0.5)))
    heard = _process(canceller, near, np.zeros_like(near))
    assert (await whisper.transcribe(heard)).text == text
    assert level_db(heard) == pytest.approx(level_db(near), abs=1.0)


@pytest.mark.models
async def test_a_voice_during_playback_keeps_its_words(
    case: _Case, canceller: EchoCanceller, models_dir: Path, whisper: WhisperStt
) -> None:
    """It is 5 dB louder than the echo, and the reply is ducked soon after it began."""
    text = "Turn the lights off in the bedroom."
    voice = spoken(models_dir, text, pitch=1.1)
    far = babble(5.0 + len(voice) / RATE_HZ, level_db=-26, seed=4)
    begin = 5 * RATE_HZ
    far = _whole(join(far[: begin + 2400], scaled(far[begin + 2400 :], -15)))
    near = case.echo(far) + noise(len(far) / RATE_HZ, colour="pink", level_db=-65, seed=1)
    near[begin : begin + len(voice)] += scaled(voice, -27 - level_db(voice))[: len(far) - begin]
    heard = _process(canceller, near, far)
    assert (await whisper.transcribe(heard[begin - 4800 :])).text == text


async def test_chunks_of_any_length_come_out_the_same(case: _Case) -> None:
    far = babble(1.0, level_db=-20, seed=5)
    near = case.echo(far)
    one, other = case.make(), case.make()
    assert np.array_equal(_process(one, near, far), other.process(near, far))
    await one.aclose()
    await other.aclose()


async def test_after_a_reset_it_works_as_at_first(case: _Case, canceller: EchoCanceller) -> None:
    far = babble(3.0, level_db=-20, seed=6)
    near = case.echo(far)
    first = _process(canceller, near, far)
    _process(canceller, silence(1.0), silence(1.0))
    canceller.reset()
    assert level_db(_process(canceller, near, far) - first.astype(np.float64)) < level_db(near) - 25


async def test_closed_it_says_so(canceller: EchoCanceller) -> None:
    await canceller.aclose()
    await canceller.aclose()
    with pytest.raises(EngineError, match="closed"):
        canceller.process(silence(0.01), silence(0.01))


@pytest_asyncio.fixture
async def whisper(models_dir: Path) -> AsyncIterator[WhisperStt]:
    recogniser = await WhisperStt.load(models_dir / "whisper-base", languages=("en",), threads=2)
    yield recogniser
    await recogniser.aclose()
