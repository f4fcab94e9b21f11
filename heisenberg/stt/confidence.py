"""Was it speech? What a recogniser writes when there was nothing to hear is dropped here.

Given noise or silence, Whisper writes "you", "Thank you." or "Thanks for watching!": words it saw
under silent passages of its training material. It tells by two numbers: the probability that
nothing was said, and the mean log probability of the words it wrote (nearer to 0 is surer).
Measured with base and tiny.en, decoded greedily: under noise of three colours, hum, music, clicks
and breath the first stays above 0.59 and the second below -1.03; of 300 clean, quiet and noisy
utterances of one to twelve words nearly all stay below 0.6 and above -1.3.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

_LIMITS: Final = ((0.8, -0.5), (0.6, -0.9), (0.0, -1.3))
"""Where the probability that nothing was said reaches the first number, words need the second as
log probability: the surer that it was nothing, the surer the words must be."""

MAX_COMPRESSION: Final = 2.4
"""Text that compresses better than this repeats itself (Whisper's own limit)."""

_REPEATED_WORDS: Final = 3
"""So many words that are said again at once are a loop, or rare enough for a second look. A whole
sentence that comes twice does not compress well enough to be noticed by that."""

_DOUBTFUL_LOGPROB: Final = -0.35
"""Of 200 utterances, half of them in noise, one in seven is less sure than that, and holds most of
the wrong words."""

_PHANTOM_MIN_LOGPROB: Final = -0.9
_PHANTOM_MAX_NO_SPEECH: Final = 0.55
_PHANTOMS: Final = frozenset(
    {
        "you",
        "thank you",
        "thank you very much",
        "thank you so much",
        "thank you for watching",
        "thanks for watching",
        "thanks",
        "please subscribe",
        "subscribe",
        "bye",
        "bye bye",
        "the end",
        "music",
        "merci",
        "merci d avoir regardé cette vidéo",
        "sous titres réalisés par la communauté d amara org",
        "sous titrage st 501",
    }
)
"""What Whisper writes under silence, in English and French. Said aloud, they have a high
probability, so only doubtful ones are dropped."""

_NOT_LETTERS: Final = re.compile(r"[\W_]+")


class Segment(Protocol):
    """A piece of a transcription, as faster-whisper describes it."""

    @property
    def text(self) -> str: ...

    @property
    def avg_logprob(self) -> float: ...

    @property
    def no_speech_prob(self) -> float: ...

    @property
    def compression_ratio(self) -> float: ...


def is_speech(segment: Segment) -> bool:
    """Whether ``segment`` was said, rather than invented over noise."""
    words = _NOT_LETTERS.sub(" ", segment.text).strip().lower()
    if not words or segment.compression_ratio > MAX_COMPRESSION:
        return False
    if segment.avg_logprob < _needed_logprob(segment.no_speech_prob):
        return False
    return words not in _PHANTOMS or (
        segment.avg_logprob >= _PHANTOM_MIN_LOGPROB
        and segment.no_speech_prob <= _PHANTOM_MAX_NO_SPEECH
    )


def repeats_itself(text: str) -> bool:
    """Whether some words of ``text`` are followed by the same words."""
    words = _NOT_LETTERS.sub(" ", text).lower().split()
    return any(
        words[at : at + length] == words[at + length : at + 2 * length]
        for length in range(_REPEATED_WORDS, len(words) // 2 + 1)
        for at in range(len(words) - 2 * length + 1)
    )


def is_doubtful(segment: Segment) -> bool:
    """Whether another look at what was said may find other words."""
    return segment.avg_logprob < _DOUBTFUL_LOGPROB


def _needed_logprob(no_speech_prob: float) -> float:
    return next(needed for reached, needed in _LIMITS if no_speech_prob >= reached)
