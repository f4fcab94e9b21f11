"""What is said to a wake word detector: calls, near misses, and hours of other talk."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

REQUESTS: Final = (
    "",
    "what is the capital of France?",
    "turn on the light.",
    "what time is it?",
    "",
    "set a timer for ten minutes.",
    "play some music.",
    "stop.",
    "who wrote Hamlet?",
    "tell me a joke.",
)
"""What follows the wake word in the same breath; it stands alone where this is empty."""

NEAR_MISSES: Final = (
    *("hey Travis", "hey Davis", "hey Elvis", "hey Mavis", "hey Purvis", "hey Janice"),
    *("hey Jared", "hey Jerry", "hey Jarrod", "hey Jasper", "hey Joey", "hey Justice"),
    *("hey Marvin", "hey Harvey", "hey Garvey", "hey Carver", "hey Darwin", "hey Darby"),
    *("hey Charles", "hey Charlie", "hey George", "hey Jordan", "hey John is here"),
    *("hey Paris", "hey Doris", "hey Marcus", "hey Chris", "hey artist", "hey nervous"),
    *("hey jargon", "hey garbage", "hey charming", "hey harness", "hey service"),
    *("jarring", "that was jarring", "they are jarring the fruit", "the jars"),
    *("a jar is here", "the jar was empty", "say jarring", "hey, a jar of this"),
    *(
        "they serve us",
        "they starve us",
        "the yard is wet",
        "a harvest",
        "the service",
        "a purpose",
    ),
    *("hey Siri", "okay Google", "Alexa", "hey Mycroft", "hey there", "hey you"),
)
"""Said instead of "hey Jarvis"."""

SOUND_ALIKES: Final = ("hey Chavez", "hey Gervais", "hey jar vase", "hey jars")
"""So like "hey Jarvis" that the recogniser itself writes "Jarvis" at times. They stand apart."""

_CARRIERS: Final = (
    "{near}.",
    "{near}!",
    "{near}, {rest}",
    "{near}, {rest}",
    "And then she said {near}, {rest}",
    "I told him, {near}, {rest}",
)


def _listed(text: str) -> Sequence[str]:
    return text.split(", ")


_SENTENCES: Final = (
    "I have never seen {a} {noun} in {place}.",
    "{name} and {name} {did} the {noun} {when}.",
    "Could you tell me where the {a} {noun} is?",
    "Hey {name}, have you seen my {noun} anywhere?",
    "Hey, how was the {noun} {when}?",
    "The {noun} costs {number} dollars, but the {a} one costs {number}.",
    "{when} we {did} {number} {noun}s, and nobody noticed.",
    "Put the {noun} and the {noun} into the {a} bowl, and wait for {number} minutes.",
    "In {place} the weather will be {a}, with {number} degrees in the afternoon.",
    "Please call {name} and ask about the {noun}.",
    "Hi {name}, it's me, I am on the way to {place}.",
    "Okay {name}, let us talk about the {noun} instead.",
    "They say that {name} {did} a {noun} {when}.",
    "What do you think about the {a} {noun}, {name}?",
    "The minister {did} the {noun} in {place} {when}, as the newspaper says.",
    "Yes, no, maybe, {name} always says that.",
    "Turn left at the {noun}, then go on to {place} for {number} miles.",
    "She has a {a} voice, and he {did} the {noun} for her.",
    "My {noun} is {a}, and yours is {a} too.",
    "Number {number}, {number}, {number}, please come to the {noun}.",
    "Hey, {name}! The {noun} is {a} again.",
    "Play the song about the {noun} and the {a} {noun}.",
    "Why is the {noun} so {a} today?",
)
_SLOTS: Final = {
    "a": _listed(
        "old, new, small, great, warm, cold, hard, soft, green, black, bright, dark, quick, "
        "slow, sharp, young, rich, poor, deep, high, long, short, strange, quiet, loud, "
        "clean, wet, dry, nice, strong"
    ),
    "noun": _listed(
        "garden, jar, car, yard, card, heart, service, office, harbour, river, dollar, "
        "letter, market, window, kitchen, station, carriage, marble, charge, parcel, purse, "
        "nurse, verse, horse, course, glass, shelf, knife, device, advice, justice, palace, "
        "surface, furnace, harness, premise, promise, garage, cabbage, language, message, "
        "bridge, journey, jacket, giant, gentleman, jury, major, agent, engine, danger, "
        "stranger, computer, timer, light, radio, table, chair, picture, story, doctor"
    ),
    "did": _listed(
        "carried, found, repaired, painted, forgot, described, followed, measured, sold, "
        "welcomed, collected, remembered, opened, studied, visited, served, observed, "
        "deserved, harvested, arrived at, charged, changed, judged, joined, jumped over, "
        "jarred, starved"
    ),
    "name": _listed(
        "Travis, Davis, Harvey, Marvin, Martin, Arthur, Charles, Janice, Jennifer, George, "
        "James, John, Jack, Jane, Julia, Carla, Barbara, Mark, Margaret, Martha, Oscar, "
        "Clara, Alice, Chris, Doris, Lewis, Thomas, Nicholas, Frances, Horace, Grace, "
        "Bruce, Joyce, Jasper, Gerald, Virginia, Vera, Ivor"
    ),
    "place": _listed(
        "Paris, Jersey, Germany, Virginia, Arkansas, Carlisle, Dallas, Texas, Venice, Nice, "
        "Genoa, Java, Jamaica, Jordan, Argentina, Harvard, Yorkshire, Oxford, Cairo, Lagos, "
        "Athens"
    ),
    "when": _listed(
        "yesterday, today, last summer, in March, in January, on Tuesday, "
        "after the service, before the harvest, at noon, every evening, a year ago, "
        "just now"
    ),
    "number": _listed(
        "two, three, five, seven, eleven, twelve, thirty, forty five, ninety, a hundred"
    ),
}
_COMMON: Final = 400
"""So many of the commonest words make up two of five in random talk."""
_TOKEN: Final = re.compile("Ġ[A-Za-z]{3,}")


def vocabulary(tokenizer: Path, *, without: Sequence[str]) -> list[str]:
    """The words in a recogniser's ``tokenizer.json``, the common ones first, ``without`` those."""
    tokens = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    ordered = sorted(tokens, key=lambda token: tokens[token])
    left_out = {word.lower() for word in without}
    words = (token[1:] for token in ordered if _TOKEN.fullmatch(token))
    return [word for word in words if word.lower() not in left_out]


class Talk:
    """Things people say, no two alike; ``words`` is a vocabulary, the common ones first."""

    def __init__(self, words: Sequence[str], random: np.random.Generator) -> None:
        self._words = words
        self._random = random

    def sentence(self) -> str:
        """One that makes sense, or words of all kinds in a row."""
        return self._sensible() if self._random.uniform() < 0.5 else self._jumbled()

    def near_miss(self, near: str) -> str:
        """A sentence around ``near``."""
        carrier = self._pick(_CARRIERS)
        rest = self._sensible()
        text = carrier.format(near=near, rest=rest[0].lower() + rest[1:])
        return text[0].upper() + text[1:]

    def _sensible(self) -> str:
        parts = re.split(r"\{(\w+)\}", self._pick(_SENTENCES))
        text = "".join(
            self._pick(_SLOTS[part]) if index % 2 else part for index, part in enumerate(parts)
        )
        return text[0].upper() + text[1:]

    def _jumbled(self) -> str:
        count = int(self._random.integers(5, 13))
        known = [
            self._pick(self._words[:_COMMON])
            if self._random.uniform() < 0.4
            else self._pick(self._words)
            for _ in range(count)
        ]
        return " ".join(known).capitalize() + self._pick((".", ".", "?", "!"))

    def _pick(self, among: Sequence[str]) -> str:
        return among[int(self._random.integers(len(among)))]
