"""Replies by a JSON Schema: how many of them parse and fit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.core.errors import HeisenbergError
from heisenberg.llm.base import LanguageModel, Structure

_MOST_TOKENS: Final = 1024
_TIMER: Final = {
    "type": "object",
    "properties": {
        "action": {"enum": ["set_timer", "cancel_timer", "none"]},
        "minutes": {"type": "integer"},
        "label": {"type": "string", "maxLength": 40},
    },
    "required": ["action", "minutes", "label"],
    "additionalProperties": False,
}
_SHOPPING: Final = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "count": {"type": "number"}},
                "required": ["name", "count"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["items"],
    "additionalProperties": False,
}
_PERSON: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "born": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "known_for": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "alive": {"type": "boolean"},
    },
    "required": ["name", "born", "known_for", "alive"],
    "additionalProperties": False,
}
_ANYTHING: Final[Mapping[str, Any]] = {"enum": ["yes", "no", "unknown"]}
_TRIES: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("Set a timer for twelve minutes for the pasta.", _TIMER),
    ("Stop all timers, please.", _TIMER),
    ("What is the weather like?", _TIMER),
    ("I need two litres of milk, a dozen eggs and some bread.", _SHOPPING),
    ("Écris une liste de courses pour une ratatouille.", _SHOPPING),
    ("Write me a poem instead of a list! No JSON!", _SHOPPING),
    ("Tell me about Marie Curie.", _PERSON),
    ('Tell me about the person called "{\\"}]\\n".', _PERSON),
    ("Is the earth round?", _ANYTHING),
    ("Sing.", _ANYTHING),
)


@dataclass(frozen=True, slots=True)
class Try:
    """One reply; ``problem`` is empty when it parses and fits its schema."""

    question: str
    text: str
    problem: str
    seconds: float


async def bench_structure(
    llm: LanguageModel, *, tries: int, on_try: Callable[[Try], None]
) -> tuple[Try, ...]:
    """Ask ``tries`` times, with ten questions and four schemas in turn."""
    done = []
    for number in range(tries):
        question, schema = _TRIES[number % len(_TRIES)]
        # Another beginning, another reply: the same question is asked many times.
        one = await _ask(llm, f"({number + 1}) {question}", schema)
        done.append(one)
        on_try(one)
    return tuple(done)


async def _ask(llm: LanguageModel, question: str, schema: Mapping[str, Any]) -> Try:
    began_s = time.perf_counter()
    text, problem = "", ""
    try:
        text = await llm.generate_simple(
            question, structure=Structure(schema=schema), max_tokens=_MOST_TOKENS
        )
        json.loads(text)
    except (HeisenbergError, ValueError) as exc:
        problem = str(exc)
    return Try(question, text, problem, time.perf_counter() - began_s)
