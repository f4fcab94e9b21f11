"""What a turn takes without any of the overlapping: each engine when the one before is done.

A silence of 0.8 s ends the turn, faster-whisper recognises with its defaults, the whole answer is
written, then all of it is spoken. And the floor: the parts that can't be left out, alone, on
engines that are warm.
"""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.loading import Engines
from heisenberg.machine.native import Native
from heisenberg.tts.clauses import ClauseSplitter

SILENCE_S: Final = 0.8
_TAIL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Sequential:
    """Seconds of one turn, one stage after the other; the silence is not measured but added."""

    recognition_s: float
    answer_s: float
    voice_s: float

    @property
    def stages_s(self) -> dict[str, float]:
        """Seconds of every stage by name, in their order."""
        return {
            "silence": SILENCE_S,
            "recognition": self.recognition_s,
            "answer": self.answer_s,
            "voice": self.voice_s,
        }

    @property
    def first_sound_s(self) -> float:
        return sum(self.stages_s.values())


@dataclass(frozen=True, slots=True)
class Floor:
    """Seconds of the stages before the first sound, each measured alone."""

    recognition_s: float
    first_clause_s: float
    voice_s: float

    @property
    def first_sound_s(self) -> float:
        return self.recognition_s + self.first_clause_s + self.voice_s


class PlainWhisper:
    """faster-whisper as it comes, on the same model file."""

    def __init__(self, whisper: Native[Any]) -> None:
        self._whisper = whisper

    @classmethod
    async def load(cls, folder: Path, threads: int) -> PlainWhisper:
        def build() -> Any:
            from faster_whisper import WhisperModel

            return WhisperModel(
                str(folder), device="cpu", cpu_threads=threads, local_files_only=True
            )

        return cls(await Native.open("plain recogniser", build))

    async def transcribe(self, utterance: Pcm, language: str) -> str:
        audio = utterance.astype(np.float32) / np.float32(32768)

        def run(model: Any) -> str:
            segments, _ = model.transcribe(audio, language=language)
            return " ".join(segment.text.strip() for segment in segments)

        return await self._whisper.run(run)

    async def words(self, utterance: Pcm, language: str) -> list[tuple[str, float]]:
        """The words of ``utterance``, each with the time of its end in seconds."""
        audio = utterance.astype(np.float32) / np.float32(32768)

        def run(model: Any) -> list[tuple[str, float]]:
            segments, _ = model.transcribe(audio, language=language, word_timestamps=True)
            return [
                (word.word.strip(), float(word.end))
                for segment in segments
                for word in segment.words
            ]

        return await self._whisper.run(run)

    async def aclose(self) -> None:
        await self._whisper.aclose()


async def sequential(
    engines: Engines, recogniser: PlainWhisper, recording: Pcm, question: str, language: str
) -> Sequential:
    """One turn on ``recording``; what is answered is ``question``, as on every other side."""
    began_s = time.perf_counter()
    silent = np.zeros(round(SILENCE_S * RATE_HZ), np.int16)
    await recogniser.transcribe(np.concatenate((utterance_in(recording), silent)), language)
    recognised_s = time.perf_counter()
    answer = await engines.llm.generate_simple(question)
    answered_s = time.perf_counter()
    async with aclosing(engines.tts.synthesize(answer)) as sound:
        _ = [chunk async for chunk in sound]
    return Sequential(
        recognised_s - began_s, answered_s - recognised_s, time.perf_counter() - answered_s
    )


async def floor(engines: Engines, recording: Pcm, question: str, language: str) -> Floor:
    """The stages of one turn on ``recording``, without pause and end of turn."""
    began_s = time.perf_counter()
    await engines.stt.transcribe(utterance_in(recording))
    recognised_s = time.perf_counter()
    clause = await _first_clause(engines, question, language)
    written_s = time.perf_counter()
    async with aclosing(engines.tts.synthesize(clause)) as sound:
        await anext(sound)
    return Floor(recognised_s - began_s, written_s - recognised_s, time.perf_counter() - written_s)


def utterance_in(recording: Pcm) -> Pcm:
    """From the first sound to a little after the last."""
    loud = np.flatnonzero(np.abs(recording.astype(np.int32)) > 100)
    return recording[max(0, loud[0] - 4800) : loud[-1] + round(_TAIL_S * RATE_HZ)]


async def _first_clause(engines: Engines, question: str, language: str) -> str:
    splitter = ClauseSplitter(language)
    async with aclosing(engines.llm.generate(question)) as reply:
        async for piece in reply:
            if clauses := splitter.push(piece):
                return clauses[0]
    return splitter.flush()[0]
