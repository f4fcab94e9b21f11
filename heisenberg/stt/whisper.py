"""Whisper, run by faster-whisper's model on CTranslate2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.core.errors import ConfigError
from heisenberg.machine.native import Native, damaged, require_file, thread_count
from heisenberg.machine.processor import allowed_cores
from heisenberg.stt.base import Transcript
from heisenberg.stt.confidence import MAX_COMPRESSION, is_doubtful, is_speech
from heisenberg.stt.phrase_fit import phrase_fit
from heisenberg.stt.short_window import LONGEST_S, ShortWindow

_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
"""All must be there: faster-whisper fetches a tokenizer that is missing from the network."""

_MOST_THREADS: Final = 4
"""Where no number is asked for."""
_SHORTEST_S: Final = 0.1
_WINDOW_S: Final = 30.0
_LANGUAGE_FRAMES: Final = 1000
"""10 s, instead of the 30 s that a transcription pads to: six times faster and as sure."""

_TOKENS_PER_S: Final = 10
_SPARE_TOKENS: Final = 16
"""Fast speech has six tokens a second; what is longer is a loop."""


_WORKERS: Final = 2
"""An utterance that is over does not wait for a look at one that was going on, nor for another
room's, nor for a draft of which nothing is wanted any more."""


def usual_threads(asked: int | None) -> int:
    """How many threads the recogniser gets: what was asked for, else all cores but one.

    Its decoder gains nothing from the last one, on which meanwhile the end of the turn is judged.
    """
    return thread_count(asked, at_most=max(1, min(_MOST_THREADS, allowed_cores() - 1)))


class WhisperStt:
    """A ``SpeechToText``."""

    def __init__(self, whisper: Native[_Whisper], aside: Native[_Whisper]) -> None:
        """``aside`` is the same network on a thread of its own."""
        self._whisper = whisper
        self._aside = aside

    @classmethod
    async def load(
        cls, model_dir: Path, *, languages: tuple[str, ...], threads: int | None = None
    ) -> Self:
        """Load a folder with a CTranslate2 model; nothing is ever fetched.

        With several ``languages`` the one spoken is found out for every utterance, among them.
        Raises ``ModelMissing``, ``LoadFailed``; ``ConfigError`` when the model does not know a
        language.
        """
        whisper = await Native.open("recogniser", lambda: _open(model_dir, languages, threads))
        return cls(whisper, await whisper.beside("recogniser aside"))

    async def transcribe(
        self, utterance: Pcm, *, aside: bool = False, quick: bool = False
    ) -> Transcript:
        on_aside = aside or (self._whisper.is_busy and not self._aside.is_busy)
        engine = self._aside if on_aside else self._whisper
        return await engine.run(lambda whisper: whisper.transcribe(utterance, search=not quick))

    async def fit(self, sound: Pcm, phrase: str) -> float:
        """A ``PhraseListener``: see ``heisenberg.stt.phrase_fit``."""
        return await self._whisper.run(lambda whisper: whisper.fit(sound, phrase))

    async def aclose(self) -> None:
        await self._aside.aclose()
        await self._whisper.aclose()


@dataclass(frozen=True, slots=True)
class _Whisper:
    """faster-whisper's model and the languages to expect."""

    model: Any
    tokenizers: dict[str, Any]
    """By language; the first one is the default."""

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.tokenizers)

    def transcribe(self, utterance: Pcm, *, search: bool) -> Transcript:
        seconds = len(utterance) / RATE_HZ
        if seconds < _SHORTEST_S or not utterance.any():
            return Transcript("", self.languages[0])
        audio = utterance.astype(np.float32) / np.float32(32768)
        language = self._language(audio)
        max_new_tokens = round(_SPARE_TOKENS + _TOKENS_PER_S * min(seconds, 20.0))
        if seconds <= LONGEST_S:
            window = ShortWindow(self.model, self.tokenizers[language], audio)
            decoded = window.decode(max_new_tokens)
            if not decoded.is_loop:
                if not is_speech(decoded):
                    return Transcript("", language)
                if search and is_doubtful(decoded):
                    found = window.search(max_new_tokens)
                    decoded = decoded if found.is_loop else found
                return Transcript(decoded.text, language)
        # It is long, or it was decoded into a loop: the window that Whisper was trained with.
        return Transcript(self._in_full_windows(audio, language, max_new_tokens), language)

    def fit(self, sound: Pcm, phrase: str) -> float:
        audio = sound.astype(np.float32) / np.float32(32768)
        return phrase_fit(self.model, self.tokenizers[self.languages[0]], audio, phrase)

    def _in_full_windows(
        self, audio: npt.NDArray[np.float32], language: str, max_new_tokens: int
    ) -> str:
        segments, _ = self.model.transcribe(
            audio,
            language=language,
            # Greedy: as often right as a beam of 5 on short utterances, whose search also stops too
            # early at times ("Tell me a short").
            beam_size=1,
            # Another attempt only for text that repeats itself: noise would get one as well, and
            # each attempt may invent something.
            temperature=(0.0, 0.4),
            compression_ratio_threshold=MAX_COMPRESSION,
            log_prob_threshold=None,
            no_speech_threshold=None,
            condition_on_previous_text=False,
            # Timestamps cost tokens; beyond one window they find where to go on.
            without_timestamps=len(audio) / RATE_HZ <= _WINDOW_S,
            max_new_tokens=max_new_tokens,
        )
        words = [segment.text.strip() for segment in segments if is_speech(segment)]
        return " ".join(filter(None, words))

    def _language(self, audio: npt.NDArray[np.float32]) -> str:
        """The most probable of the expected languages."""
        if len(self.languages) == 1:
            return self.languages[0]
        from faster_whisper.audio import pad_or_trim

        features = self.model.feature_extractor(audio)
        encoded = self.model.encode(pad_or_trim(features, _LANGUAGE_FRAMES))
        found = dict(self.model.model.detect_language(encoded)[0])
        return max(self.languages, key=lambda language: float(found[f"<|{language}|>"]))


def _open(model_dir: Path, languages: tuple[str, ...], threads: int | None) -> _Whisper:
    for name in _FILES:
        require_file(model_dir / name)
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    try:
        model = WhisperModel(
            str(model_dir),
            device="cpu",
            compute_type="int8",
            cpu_threads=usual_threads(threads),
            num_workers=_WORKERS,
            local_files_only=True,
        )
    except Exception as exc:
        raise damaged(model_dir) from exc
    for language in languages:
        if language not in model.supported_languages:
            raise ConfigError(
                f"The recogniser {model_dir.name} does not understand '{language}'.",
                "Set stt.model to one that does, such as whisper-base, or change 'languages'.",
            )
    multilingual = model.model.is_multilingual
    tokenizers = {
        language: Tokenizer(model.hf_tokenizer, multilingual, "transcribe", language)
        for language in languages
    }
    return _Whisper(model, tokenizers)
