"""Whisper on the sound there is, instead of on the 30 s it was trained with.

The encoder's time grows with the window, so an utterance of 3 s in a window of 10 s is recognised
three times as fast as in one of 30 s, with the same words. A window
as short as the utterance itself makes it loop at times; with a few seconds of silence it doesn't.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ
from heisenberg.stt.confidence import MAX_COMPRESSION, repeats_itself

_FLOOR_S: Final = 10.0
_SPARE_S: Final = 2.0
"""Silence that always follows the words."""
_FRAMES_PER_S: Final = 100
LONGEST_S: Final = 20.0
"""Beyond it a short window saves nothing that matters."""


_BEAM: Final = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was decoded, with the numbers that tell whether it was said (see ``confidence``)."""

    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    is_whole: bool
    """False when it was cut off at ``max_new_tokens``."""

    @property
    def is_loop(self) -> bool:
        """Whether it says the same again and again."""
        return (
            not self.is_whole
            or self.compression_ratio > MAX_COMPRESSION
            or repeats_itself(self.text)
        )


class ShortWindow:
    """``audio`` (16 kHz, at most ``LONGEST_S``) encoded by faster-whisper's model."""

    def __init__(self, model: Any, tokenizer: Any, audio: npt.NDArray[np.float32]) -> None:
        self._model = model
        self._tokenizer = tokenizer
        frames = round(max(_FLOOR_S, len(audio) / RATE_HZ + _SPARE_S) * _FRAMES_PER_S)
        features = model.feature_extractor(audio, padding=0)
        short_by = max(0, frames - features.shape[-1])
        # What the extractor makes of silence: its floor is 8 (of log10, over 4) below the maximum.
        floor = features.min() if features.size else 0.0
        features = np.pad(features, ((0, 0), (0, short_by)), constant_values=floor)[:, :frames]
        self._encoded = model.encode(features)

    def decode(self, max_new_tokens: int) -> Decoded:
        """The likeliest token after each: quick, and right for clear speech."""
        return self._decode(max_new_tokens, beam=1)

    def search(self, max_new_tokens: int) -> Decoded:
        """The likeliest of many texts, in twice the time."""
        return self._decode(max_new_tokens, beam=_BEAM)

    def _decode(self, max_new_tokens: int, *, beam: int) -> Decoded:
        prompt = self._model.get_prompt(self._tokenizer, [], without_timestamps=True)
        result = self._model.model.generate(
            self._encoded,
            [prompt],
            beam_size=beam,
            max_length=len(prompt) + max_new_tokens,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=[-1],
        )[0]
        tokens = result.sequences_ids[0]
        text = self._tokenizer.decode(tokens).strip()
        raw = text.encode()
        return Decoded(
            text,
            result.scores[0] * len(tokens) / (len(tokens) + 1),
            result.no_speech_prob,
            len(raw) / len(zlib.compress(raw)),
            len(tokens) < max_new_tokens,
        )
