"""Whisper on the sound there is, instead of on the 30 s it was trained with.

The encoder takes nearly all of the time and grows with the window, so an utterance of 3 s in a
window of 10 s is recognised three times as fast as in one of 30 s, with the same words. A window
as short as the utterance itself makes it loop at times; with a few seconds of silence it doesn't.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ

_FLOOR_S: Final = 10.0
_SPARE_S: Final = 2.0
"""Silence that always follows the words."""
_FRAMES_PER_S: Final = 100
LONGEST_S: Final = 20.0
"""Beyond it a short window saves nothing that matters."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was decoded, with the numbers that tell whether it was said (see ``confidence``)."""

    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    is_whole: bool
    """False when it was cut off at ``max_new_tokens``."""


def decode(
    model: Any, tokenizer: Any, audio: npt.NDArray[np.float32], max_new_tokens: int
) -> Decoded:
    """Greedy decoding of ``audio`` (16 kHz, at most ``LONGEST_S``) with faster-whisper's model."""
    frames = round(max(_FLOOR_S, len(audio) / RATE_HZ + _SPARE_S) * _FRAMES_PER_S)
    features = model.feature_extractor(audio, padding=0)
    short_by = max(0, frames - features.shape[-1])
    # What the extractor makes of silence: its floor lies 8 (of log10, over 4) below the maximum.
    floor = features.min() if features.size else 0.0
    features = np.pad(features, ((0, 0), (0, short_by)), constant_values=floor)[:, :frames]
    prompt = model.get_prompt(tokenizer, [], without_timestamps=True)
    result = model.model.generate(
        model.encode(features),
        [prompt],
        beam_size=1,
        max_length=len(prompt) + max_new_tokens,
        return_scores=True,
        return_no_speech_prob=True,
        suppress_tokens=[-1],
    )[0]
    tokens = result.sequences_ids[0]
    text = tokenizer.decode(tokens).strip()
    raw = text.encode()
    return Decoded(
        text,
        result.scores[0] * len(tokens) / (len(tokens) + 1),
        result.no_speech_prob,
        len(raw) / len(zlib.compress(raw)),
        len(tokens) < max_new_tokens,
    )
