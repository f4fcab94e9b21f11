"""Three satellites that are asked something at once, against one alone.

The satellites are a process of their own that speaks with the protocol's library. They hear the
same recordings alone and together, each in another voice; what they are answered is read back.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.wavfile import read_sound, write_wav
from heisenberg.bench.hearing.voices import Manner, PiperSpeaker
from heisenberg.bench.hearing.words import words
from heisenberg.core.config import Config
from heisenberg.core.errors import TurnError
from heisenberg.loading import Engines
from heisenberg.over_wyoming import open_satellites
from heisenberg.stt.base import SpeechToText

SETTINGS: Final = (
    "llm.temperature=0",
    "llm.seed=1",
    "llm.max_tokens=40",
    "llm.max_history_turns=0",
)
"""Every question is asked as if it were the first, and answered alike."""
_CHILD: Final = "heisenberg.bench.running.satellite_devices"
_PEOPLE: Final = (
    Manner(speed=1.0, pitch=1.0),
    Manner(speed=0.95, pitch=1.15),
    Manner(speed=1.1, pitch=0.9),
)
_SEED: Final = 5
_PEAK: Final = 12_000
_LEAD_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and words that a right answer holds."""

    text: str
    answer: str


SKILLS: Final = (
    Question("What is twelve plus thirty?", "42"),
    Question("What is nine times nine?", "81"),
    Question("What is fifty minus one?", "49"),
    Question("What is eight times eight?", "64"),
    Question("What is sixty divided by three?", "20"),
    Question("What is fifteen plus fifteen?", "30"),
)
"""Those that need no model."""
MODEL: Final = (
    Question("What is the capital of Spain?", "Madrid"),
    Question("What is the opposite of up?", "down"),
    Question("What is the opposite of hot?", "cold"),
    Question("Which language do people speak in Brazil?", "Portuguese"),
    Question("Who wrote Romeo and Juliet?", "Shakespeare"),
    Question("What is the capital of France?", "Paris"),
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a question; ``first_sound_s`` is since its last voice, ``None`` without any;
    ``answer`` is then what went wrong, if that was told."""

    question: str
    transcript: str
    answer: str
    first_sound_s: float | None
    right: bool


@dataclass(frozen=True, slots=True)
class Round:
    """The same questions one after the other, and at once."""

    alone: tuple[Heard, ...]
    together: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class SatelliteReport:
    """All rounds, by what the questions need."""

    rounds: dict[str, tuple[Round, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Raises ``TurnError`` when nothing was answered."""
        return {kind: _summary(rounds) for kind, rounds in self.rounds.items()}


async def bench_satellites(
    config: Config,
    engines: Engines,
    folder: Path,
    *,
    repeat: int,
    kinds: dict[str, Sequence[Question]] | None = None,
    on_round: Callable[[str, Round], None] = lambda _kind, _round: None,
) -> SatelliteReport:
    """Ask every three questions ``repeat`` times, alone and together; ``folder`` is for sound.

    ``config`` must have been loaded with ``SETTINGS``.
    """
    kinds = kinds or {"skills": SKILLS, "model": MODEL}
    asked = [question for questions in kinds.values() for question in questions]
    recordings = await asyncio.to_thread(_recorded, config, asked, folder)
    rounds: dict[str, list[Round]] = {kind: [] for kind in kinds}
    async with _devices(len(_PEOPLE)) as devices:
        named = {"satellites": tuple(devices.addresses)}
        wyoming = config.wyoming.model_copy(update=named)
        satellites = await open_satellites(config.model_copy(update={"wyoming": wyoming}), engines)
        try:
            await devices.called()
            for kind, questions in [*kinds.items()] * repeat:
                for three in _threes(questions):
                    found = await _round(devices, engines.stt, three, recordings)
                    rounds[kind].append(found)
                    on_round(kind, found)
        finally:
            await satellites.aclose()
    return SatelliteReport({kind: tuple(found) for kind, found in rounds.items()})


async def _round(
    devices: _Devices,
    stt: SpeechToText,
    questions: Sequence[Question],
    recordings: dict[str, Path],
) -> Round:
    paths = [recordings[question.text] for question in questions]
    alone = []
    for index, path in enumerate(paths):
        only = [path if at == index else None for at in range(len(paths))]
        alone += await _ask(devices, stt, [questions[index]], only)
    return Round(tuple(alone), tuple(await _ask(devices, stt, questions, paths)))


async def _ask(
    devices: _Devices,
    stt: SpeechToText,
    questions: Sequence[Question],
    paths: Sequence[Path | None],
) -> list[Heard]:
    """``paths`` are the recordings by satellite, in the order of ``questions``."""
    results = await devices.play(paths)
    heard = []
    played = [path.with_suffix(".answer.wav") for path in paths if path]
    for question, result, path in zip(questions, results, played, strict=True):
        answer = result["error"]
        if result["first_sound_s"] is not None:
            sound = await asyncio.to_thread(_taken, path)
            answer = (await stt.transcribe(sound)).text
        right = _plain(question.answer) in _plain(answer)
        transcript, wait_s = result["transcript"], result["first_sound_s"]
        heard.append(Heard(question.text, transcript, answer, wait_s, right))
    return heard


class _Devices:
    def __init__(self, process: asyncio.subprocess.Process, addresses: Sequence[str]) -> None:
        self._process = process
        self.addresses = addresses

    async def called(self) -> None:
        """All of them were connected to."""
        await self._line()

    async def play(self, paths: Sequence[Path | None]) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        line = json.dumps([str(path) if path else None for path in paths])
        self._process.stdin.write(f"{line}\n".encode())
        found: list[dict[str, Any]] = json.loads(await self._line())
        return found

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise TurnError("The satellites have ended.", "Run with --debug to see why.")
        return line


@asynccontextmanager
async def _devices(count: int) -> AsyncIterator[_Devices]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _CHILD,
        str(count),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield _Devices(process, json.loads(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _recorded(config: Config, questions: Sequence[Question], folder: Path) -> dict[str, Path]:
    """A sound file for each question, in the voice of whoever asks it."""
    speaker = PiperSpeaker.configured(config, seed=_SEED)
    paths = {}
    for index, question in enumerate(questions):
        spoken = speaker.say(question.text, _PEOPLE[index % len(_PEOPLE)])
        pcm = np.rint(spoken * _PEAK).astype(np.int16)
        lead = np.zeros(round(_LEAD_S * RATE_HZ), np.int16)
        paths[question.text] = folder / f"{index}.wav"
        write_wav(paths[question.text], np.concatenate((lead, pcm)))
    return paths


def _threes(questions: Sequence[Question]) -> list[Sequence[Question]]:
    size = len(_PEOPLE)
    return [questions[at : at + size] for at in range(0, len(questions), size)]


def _taken(path: Path) -> Pcm:
    """A recording, which is then no longer there."""
    sound = read_sound(path)
    path.unlink()
    return sound


def _plain(text: str) -> str:
    return f" {' '.join(words(text))} "


def _summary(rounds: Sequence[Round]) -> dict[str, Any]:
    alone = [one for found in rounds for one in found.alone]
    together = [one for found in rounds for one in found.together]
    alone_s = _median([one.first_sound_s for one in alone])
    together_s = _median([one.first_sound_s for one in together])
    ratios = [
        _median_of(question, together) / _median_of(question, alone)
        for question in dict.fromkeys(one.question for one in together)
    ]
    return {
        "asked": len(together),
        "right": sum(one.right for one in together),
        "right_alone": sum(one.right for one in alone),
        "alone_s": alone_s,
        "together_s": together_s,
        "ratio": round(together_s / alone_s, 3),
        "ratio_max": round(max(ratios), 3),
    }


def _median_of(question: str, heard: Sequence[Heard]) -> float:
    return _median([one.first_sound_s for one in heard if one.question == question])


def _median(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    if not known:
        raise TurnError("No satellite was answered.", "Run with --debug to see why.")
    return round(statistics.median(known), 3)
