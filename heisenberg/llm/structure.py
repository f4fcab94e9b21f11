"""From a JSON Schema to a grammar that a model can't leave, and back to whether it was kept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from heisenberg.core.errors import InputError, TurnError
from heisenberg.llm.base import Structure

MOST_CHARACTERS: Final = 400
"""Of a string without a ``maxLength``: a small model may not find the end of one."""
MOST_ITEMS: Final = 16
"""Of an array without ``maxItems``."""

MOST_NUMBERS: Final = 1000
"""Of a range that is written out; what lies in a larger one is checked at the end."""

_CHAR_RULE: Final = (
    r'char ::= [^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] '
    r"[0-9a-fA-F])"
)
"""The converter's own rule lets line breaks into strings, where JSON has none."""
_STRING_RULE: Final = rf'string ::= "\"" char{{0,{MOST_CHARACTERS}}} "\"" space'

_RULE: Final = re.compile(
    r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[0-9,]*\}|(?P<name>[A-Za-z][\w-]*)'
)
"""A name in a grammar, and all that looks like one and is none."""


def grammar_of(structure: Structure) -> str:
    """In llama.cpp's notation, GBNF.

    Raises ``InputError`` for a schema that is none, or that can't be made into a grammar.
    """
    if structure.schema is None:
        return structure.grammar
    check_schema(structure.schema)
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        grammar: str = json_schema_to_gbnf(json.dumps(_bounded(structure.schema)))
    except Exception as exc:  # the converter asserts, indexes and recurses
        raise _unusable(str(exc) or type(exc).__name__) from exc
    rules = {"char": _CHAR_RULE, "string": _STRING_RULE}
    lines = (rules.get(line.partition(" ::=")[0], line) for line in grammar.splitlines())
    return "\n".join(lines)


def prefixed(number: int, grammar: str) -> list[str]:
    """The rules of ``grammar`` with names of their own, its root ``tool<number>-root``."""

    def rename(found: re.Match[str]) -> str:
        return f"tool{number}-{found[0]}" if found["name"] else found[0]

    return [_RULE.sub(rename, rule) for rule in grammar.splitlines()]


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises ``InputError`` if it is not a JSON Schema."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as exc:
        raise _unusable(exc.message) from exc


async def kept(
    pieces: AsyncGenerator[str, None], structure: Structure
) -> AsyncGenerator[str, None]:
    """``pieces``, and at their end ``TurnError`` if they don't fit ``structure``.

    A grammar sees to the form. What it can't express (a smallest number, a pattern of another
    kind), and a reply that came to its last token too early, is found here.
    """
    text = ""
    async with aclosing(pieces):
        async for piece in pieces:
            text += piece
            yield piece
    if structure.schema is None:
        return
    problem = _problem(text, structure.schema)
    if problem:
        raise TurnError(
            f"The language model's answer does not fit the schema: {problem}.",
            "Allow more tokens, or ask for something simpler.",
        )


def _problem(text: str, schema: Mapping[str, Any]) -> str:
    from jsonschema import Draft202012Validator

    try:
        found = json.loads(text)
    except ValueError as exc:
        return f"it is no JSON ({exc})"
    error = next(Draft202012Validator(schema).iter_errors(found), None)
    return "" if error is None else error.message


def _bounded(schema: Any) -> Any:
    """``schema`` with a bound for every array, and its small ranges of numbers written out: the
    converter knows no smallest and largest number."""
    if isinstance(schema, list):
        return [_bounded(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    bounded = {key: _bounded(value) for key, value in schema.items()}
    if bounded.get("type") == "array" and "items" in bounded:
        bounded.setdefault("maxItems", max(MOST_ITEMS, int(bounded.get("minItems", 0))))
    if bounded.get("type") == "integer" and {"minimum", "maximum"} <= bounded.keys():
        numbers = range(math.ceil(bounded["minimum"]), math.floor(bounded["maximum"]) + 1)
        if not numbers:
            raise _unusable(f"no integer lies from {numbers.start} to {numbers.stop - 1}")
        if len(numbers) <= MOST_NUMBERS and "enum" not in bounded:
            return {"enum": list(numbers)}
    return bounded


def _unusable(reason: str) -> InputError:
    return InputError(
        f"Nothing can be written by this schema: {reason}.",
        "Use a JSON Schema with type, properties, items, enum and the like.",
    )
