"""Piper: a voice that speaks faster than real time on a small processor."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from heisenberg.audio.base import AudioChunk
from heisenberg.core.errors import EngineError, LoadFailed
from heisenberg.machine.native import Native, damaged, require_file, thread_count
from heisenberg.machine.onnx import Session, open_session
from heisenberg.tts.plain import plain
from heisenberg.tts.silence import Trimmer

MOST_THREADS: Final = 2
"""Where no number is asked for."""

_PHONEME_TYPES: Final = ("espeak", "text")
"""Those that need nothing but the package; others fetch dictionaries from the network."""


class PiperTts:
    """A ``TextToSpeech`` for one Piper voice."""

    def __init__(self, voice: Native[_Voice]) -> None:
        self._voice = voice

    @classmethod
    async def load(
        cls,
        model: Path,
        config: Path,
        *,
        length_scale: float = 1.0,
        threads: int | None = None,
    ) -> Self:
        """Load a voice and let it say a word, so that the first clause is not slower than others.

        ``length_scale`` is relative to the voice's own pace: above 1 is slower.
        Raises ``ModelMissing``, ``LoadFailed``.
        """
        return cls(await Native.open("voice", lambda: _open(model, config, length_scale, threads)))

    async def synthesize(self, text: str, pace: float = 1.0) -> AsyncGenerator[AudioChunk, None]:
        """One chunk a sentence, each as soon as it is made.

        When the iteration is left early, a sentence being made is finished on the engine's
        thread and dropped; no other is begun.
        """
        chunks = await self._voice.run(lambda voice: voice.speak(text, pace))
        while (chunk := await self._voice.run(lambda _: next(chunks, None))) is not None:
            yield chunk

    async def aclose(self) -> None:
        await self._voice.aclose()


@dataclass(frozen=True, slots=True)
class _Voice:
    """Piper's voice and how it is asked to speak."""

    piper: Any
    manner: Any
    rate_hz: int

    def speak(self, text: str, pace: float = 1.0) -> Iterator[AudioChunk]:
        """The sentences of ``text``, each made when it is asked for."""
        trimmer = Trimmer(self.rate_hz)
        manner = replace(self.manner, length_scale=self.manner.length_scale / pace)
        for sentence in self.piper.synthesize(plain(text), manner):
            if not np.isfinite(sentence.audio_float_array).all():
                raise EngineError("The voice made noise of this text.", "Say it differently.")
            pcm = trimmer.push(np.asarray(sentence.audio_int16_array, dtype=np.int16))
            if len(pcm):
                yield AudioChunk(pcm, self.rate_hz)


def _open(model: Path, config: Path, length_scale: float, threads: int | None) -> _Voice:
    settings = _settings(config)
    session = open_session(model, threads=thread_count(threads, at_most=MOST_THREADS))
    from piper import PiperVoice, SynthesisConfig

    manner = SynthesisConfig(length_scale=settings.length_scale * length_scale)
    piper = PiperVoice(session=_Shrinking(session), config=settings)
    voice = _Voice(piper, manner, settings.sample_rate)
    try:
        heard = list(voice.speak("Hello."))
    except Exception as exc:
        raise damaged(model) from exc
    if not heard:
        raise damaged(model)
    return voice


def _settings(config: Path) -> Any:
    """Piper's description of a voice."""
    require_file(config)
    from piper.config import PiperConfig

    try:
        settings = PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
    except Exception as exc:
        raise damaged(config) from exc
    if settings.phoneme_type.value not in _PHONEME_TYPES:
        raise LoadFailed(
            f"The voice {config} needs {settings.phoneme_type.value} dictionaries.",
            "Choose a voice whose phonemes come from espeak.",
        )
    return settings


class _Shrinking:
    """A session that gives its working memory back after every run.

    Without it the arena keeps what the longest sentence needed: 180 MB for 9 s of sound. It costs
    about 5 % of the time.
    """

    def __init__(self, session: Session) -> None:
        import onnxruntime

        self._session = session
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: Any, inputs: dict[str, Any]) -> list[Any]:
        return self._session.run(outputs, inputs, self._options)
