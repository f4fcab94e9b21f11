"""Things for an assistant to say, as many as wanted and no two alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

_WHO: Final = (
    *("the old captain", "a young teacher", "my neighbour", "the city council", "a small bird"),
    *("the first engineer", "nobody in the village", "the queen", "a farmer", "the night train"),
    *("every good cook", "the research team", "your calendar", "the second speaker", "a child"),
)
_DOES: Final = (
    *("carried", "found", "repaired", "looked for", "painted", "forgot", "described", "followed"),
    *("measured", "sold", "welcomed", "collected", "remembered", "opened", "studied", "visited"),
)
_WHAT: Final = (
    *("a wooden box", "the long bridge", "seven red apples", "an answer to that question"),
    *("the harbour lights", "a letter from home", "the weather report", "two hundred books"),
    *("the highest mountain", "a bowl of warm soup", "the missing key", "a much better plan"),
)
_WHEN: Final = (
    *("in the early morning", "before the rain began", "on a cold Tuesday", "after the meeting"),
    *("about ten years ago", "while everyone was asleep", "at a quarter past four", "last summer"),
    *("as soon as the snow had melted", "on the way to the station", "without saying a word"),
)
_ALSO: Final = (
    "That is all I know about it.",
    "It costs twelve dollars and fifty cents.",
    "Would you like to hear more?",
    "There are three reasons for this.",
    "I am not sure about the date.",
    "Most people think it is the other way round.",
    "You can find it on page one hundred and twelve.",
    "Of course, that depends on the season.",
)
_TRAPS: Final = (
    'If you need me, just say "{wake}" and ask.',
    'Say "stop" and I will stop.',
    "Stop, said the guard, and the carriage stopped.",
    "{wake} is what people say to wake me.",
    "Never mind the noise, it is only the wind.",
    'The sign at the corner says "stop", and so does the one after it.',
    "Wait, hold on, there is more: cancel the order and start again.",
    '"{wake}, what is the time?" he asked, and the machine answered.',
)


def paragraphs(seed: int, wake: str) -> Iterator[str]:
    """Endless paragraphs of some twenty seconds, each with the wake phrase or "stop" in it."""
    rng = random.Random(seed)
    while True:
        lines = [_sentence(rng) for _ in range(rng.randint(2, 4))]
        lines.append(rng.choice(_ALSO))
        lines.insert(rng.randint(0, len(lines)), rng.choice(_TRAPS).format(wake=wake))
        yield " ".join(lines)


def _sentence(rng: random.Random) -> str:
    parts = [rng.choice(_WHO), rng.choice(_DOES), rng.choice(_WHAT), rng.choice(_WHEN)]
    if rng.random() < 0.5:
        parts += ["and", rng.choice(_WHO), rng.choice(_DOES), rng.choice(_WHAT)]
    text = " ".join(parts)
    return f"{text[0].upper()}{text[1:]}."
