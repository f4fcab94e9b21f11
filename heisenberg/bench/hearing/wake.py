"""How often the wake word is missed, and how often something else is taken for it.

Sound goes through the two looks a room takes, faster than real time: the detector, and where it
reports something the recogniser.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

import heisenberg
from heisenberg.audio.base import RATE_HZ, Pcm, VoiceActivityDetector
from heisenberg.bench.hearing.kept import Kept
from heisenberg.bench.hearing.voices import EspeakSpeaker, PiperSpeaker, Speaker
from heisenberg.bench.hearing.wake_report import Block, Call, Look, WakeReport
from heisenberg.bench.hearing.wake_sounds import (
    BLOCK_S,
    BLOCKS,
    CONDITIONS,
    LOUD,
    QUIET,
    Condition,
    Piece,
    WakeSounds,
)
from heisenberg.bench.hearing.wake_texts import SOUND_ALIKES, vocabulary
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.core.lifecycle import Stages
from heisenberg.engines import open_wake_word, recogniser_folder, silero, whisper
from heisenberg.store.store import Store
from heisenberg.tts.espeak import is_there
from heisenberg.wake.base import PhraseListener, WakeDetector, WakeWord
from heisenberg.wake.check import WakeCheck

_SEED: Final = 1
"""The thresholds were chosen with other seeds."""
_PRE_ROLL: Final = 2 * RATE_HZ
_LOUD_SHARE: Final = 0.3
_ESPEAK_SHARE: Final = 0.2
_ALIKE_SHARE: Final = 0.15
_BLOCKS_BETWEEN_REPORTS: Final = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is played: calls in 10 dB of noise and less, and hours of everything else.

    What is reported apart is played in proportion to the calls.
    """

    calls: int = 200
    hours: float = 8.0

    @property
    def blocks(self) -> int:
        return round(self.hours * 3600 / BLOCK_S)


async def bench_wake(
    config: Config,
    stages: Stages,
    extent: Extent,
    *,
    keep: Path | None = None,
    report: Callable[[str], None] = lambda _text: None,
) -> WakeReport:
    """Play everything; what ``keep`` holds of an earlier run is not played again."""
    kept = await asyncio.to_thread(lambda: Kept(keep, _settings(config)))
    bench = await _WakeBench.load(config, stages, kept)
    report(f"{extent.calls} calls of {bench.phrase!r}, {extent.hours:g} hours of other sound")
    calls = await bench.calls("call", extent.calls, CONDITIONS)
    report(f"{sum(not call.woke for call in calls)} of {len(calls)} calls were missed")
    loud = await bench.calls("loud", round(extent.calls * _LOUD_SHARE), LOUD)
    espeak: list[Call] = []
    if await asyncio.to_thread(is_there):
        count = round(extent.calls * _ESPEAK_SHARE)
        espeak = await bench.calls("espeak", count, QUIET, by=EspeakSpeaker())
    else:
        report("no row for espeak-ng: it is not installed")
    count = round(extent.calls * _ALIKE_SHARE)
    alikes = await bench.calls("alike", count, QUIET, words=SOUND_ALIKES)
    blocks: list[Block] = []
    for index in range(extent.blocks):
        blocks.append(await bench.block(index))
        if (index + 1) % _BLOCKS_BETWEEN_REPORTS == 0 or index + 1 == extent.blocks:
            accepted = sum(look.confirmed for block in blocks for look in block.looks)
            hours = (index + 1) * BLOCK_S / 3600
            report(f"{hours:4.1f} of {extent.hours:g} hours, {accepted} false accepts")
    return WakeReport(calls, loud, espeak, alikes, blocks)


class _WakeBench:
    """The engines, the sounds, and what was found so far."""

    def __init__(
        self,
        detector: WakeDetector,
        vad: VoiceActivityDetector,
        listener: PhraseListener,
        sounds: WakeSounds,
        kept: Kept,
    ) -> None:
        self._detector = detector
        self._vad = vad
        self._listener = _Remembering(listener)
        self._check = WakeCheck(self._listener)
        self._sounds = sounds
        self._kept = kept

    @classmethod
    async def load(cls, config: Config, stages: Stages, kept: Kept) -> _WakeBench:
        store = await asyncio.to_thread(Store.open, config)
        detector = await stages.start("wake word", open_wake_word(config, store))
        vad = await stages.start("voice activity", silero(config, store))
        listener = await stages.start("speech to text", whisper(config, store))
        if not isinstance(listener, PhraseListener):
            raise InputError("This recogniser can't be asked about words.", "Use whisper.")
        folder = await recogniser_folder(config)
        voice, words = await asyncio.to_thread(_open_voice, config, folder, detector.phrases)
        return cls(detector, vad, listener, WakeSounds(voice, words, seed=_SEED), kept)

    @property
    def phrase(self) -> str:
        return self._detector.phrase

    async def calls(
        self,
        name: str,
        count: int,
        conditions: Sequence[Condition],
        *,
        words: Sequence[str] = (),
        by: Speaker | None = None,
    ) -> list[Call]:
        """``count`` calls of the wake word (or ``words``), under each of ``conditions`` in turn."""
        made = []
        for index in range(count):
            condition = conditions[index % len(conditions)]
            said = words[index % len(words)] if words else self.phrase
            one = f"{name} {index}"
            play = partial(self._sounds.call, said, condition, one, by)
            looks = await self._looks(one, play)
            made.append(Call(said if words else condition.name, looks))
        return made

    async def block(self, index: int) -> Block:
        """The ``index``-th block of other sound."""
        looks = await self._looks(f"block {index}", partial(self._sounds.block, index))
        return Block(BLOCKS[index % len(BLOCKS)], BLOCK_S, looks)

    async def _looks(self, name: str, play: Callable[[], Iterator[Piece]]) -> tuple[Look, ...]:
        """What the detector takes for the wake word in the pieces, which follow each other."""
        found: list[dict[str, Any]] | None = self._kept.get(name)
        if found is None:
            pieces = await asyncio.to_thread(lambda: list(play()))
            looks = await self._hear(pieces)
            await asyncio.to_thread(self._kept.put, name, [asdict(look) for look in looks])
            return tuple(looks)
        return tuple(Look(**fields) for fields in found)

    async def _hear(self, pieces: list[Piece]) -> list[Look]:
        await self._detector.reset()
        frame = self._detector.frame_samples
        sound = np.concatenate([piece.pcm for piece in pieces])
        ends = np.cumsum([len(piece.pcm) for piece in pieces])
        looks = []
        for end in range(frame, len(sound) + 1, frame):
            woken = await self._detector.process(sound[end - frame : end])
            if woken is not None:
                name = pieces[min(int(np.searchsorted(ends, end)), len(pieces) - 1)].name
                looks.append(
                    await self._look(name, woken, sound[max(0, end - _PRE_ROLL) : end], end)
                )
        return looks

    async def _look(self, name: str, woken: WakeWord, pre_roll: Pcm, end: int) -> Look:
        speech = await self._speech(pre_roll)
        began_s = time.perf_counter()
        confirmed = await self._check.confirms(woken, pre_roll, speech)
        took_s = time.perf_counter() - began_s
        at_s, score = round(end / RATE_HZ, 2), round(woken.score, 4)
        return Look(name, at_s, score, self._listener.take(), round(took_s, 3), confirmed)

    async def _speech(self, sound: Pcm) -> list[float]:
        await self._vad.reset()
        frame = self._vad.frame_samples
        begins = range(0, len(sound) - frame + 1, frame)
        return [await self._vad.probability(sound[begin : begin + frame]) for begin in begins]


class _Remembering:
    """A ``PhraseListener`` that remembers its last answer."""

    def __init__(self, listener: PhraseListener) -> None:
        self._listener = listener
        self._fit: float | None = None

    async def fit(self, sound: Pcm, phrase: str) -> float:
        fit = await self._listener.fit(sound, phrase)
        self._fit = round(fit, 2)
        return fit

    def take(self) -> float | None:
        """The answer, once; ``None`` when nothing was asked."""
        fit, self._fit = self._fit, None
        return fit


def _open_voice(
    config: Config, recogniser: Path, phrases: Sequence[str]
) -> tuple[PiperSpeaker, list[str]]:
    """A voice, and the words that the recogniser knows, without those of the ``phrases``."""
    without = " ".join(phrases).split()
    words = vocabulary(recogniser / "tokenizer.json", without=without)
    return PiperSpeaker.configured(config, seed=_SEED), words


def _settings(config: Config) -> dict[str, Any]:
    """What changes the findings."""
    package = Path(heisenberg.__file__).parent
    digest = hashlib.sha256()
    for pattern in ("wake/*.py", "stt/*.py", "bench/wake*.py", "bench/sounds.py"):
        for module in sorted(package.glob(pattern)):
            digest.update(module.read_bytes())
    return {
        "seed": _SEED,
        "code": digest.hexdigest()[:16],
        "wake": config.wake.model_dump(mode="json"),
        "recogniser": [config.stt.model, config.profile, list(config.languages)],
        "voice": config.tts.voice,
    }
