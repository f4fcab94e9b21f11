"""Was it this phrase? Asking Whisper about given words instead of for words.

In noise the word that Whisper finds most probable is often another one ("Hey George" for "Hey
Jarvis"), and yet it finds the right one nearly as probable; of a clearly spoken other name it is
sure. So the two probabilities are compared. One pass over a few tokens costs a fraction of a
transcription, and a window as short as the sound can't make it loop.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heisenberg.audio.base import RATE_HZ

_FLOOR_S: Final = 3.0
_SPARE_S: Final = 1.0
"""Silence that always follows the words."""
_LEAST: Final = 1e-12


def phrase_fit(model: Any, tokenizer: Any, audio: npt.NDArray[np.float32], phrase: str) -> float:
    """How probable the last word of ``phrase`` is after the others, against the likeliest one.

    The natural logarithm of the ratio, for faster-whisper's model and at most 20 s of ``audio`` at
    16 kHz: about 0 where it is the likeliest itself, negative where another fits better.
    """
    *before, name = phrase.split()
    lead = tokenizer.encode(f" {' '.join(before)}") if before else []
    wanted = tokenizer.encode(f" {name}")
    encoded, frames = _encode(model, audio)
    found = model.model.align(encoded, tokenizer.sot_sequence, [lead + wanted], frames)[0]
    fit = sum(np.log(p + _LEAST) for p in found.text_token_probs[len(lead) :])
    return float(fit - _likeliest(model, tokenizer, encoded, lead, len(wanted)))


def _encode(model: Any, audio: npt.NDArray[np.float32]) -> tuple[Any, int]:
    seconds = max(_FLOOR_S, len(audio) / RATE_HZ + _SPARE_S)
    padded = np.pad(audio, (0, round(seconds * RATE_HZ) - len(audio)))
    features = model.feature_extractor(padded, padding=0)
    return model.encode(features), features.shape[-1]


def _likeliest(model: Any, tokenizer: Any, encoded: Any, lead: list[int], count: int) -> float:
    """The log probability of the ``count`` tokens that fit best after ``lead``, one by one."""
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps, *lead]
    result = model.model.generate(
        encoded,
        [prompt],
        beam_size=1,
        max_length=len(prompt) + count,
        return_logits_vocab=True,
        suppress_blank=False,
        suppress_tokens=[],
    )[0]
    steps = [np.asarray(logits, dtype=np.float64) for logits in result.logits[0]]
    return float(sum(step.max() - np.logaddexp.reduce(step) for step in steps))
