"""A schema that a stranger wrote is followed, but not wherever it leads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from heisenberg.mcp.tool_schema import problem, tool_schema

Schema = dict[str, Any]

ROOM: Schema = {
    "type": "object",
    "properties": {"room": {"type": "string", "enum": ["hall"], "description": "Which\nroom."}},
    "required": ["room"],
    "additionalProperties": False,
}
SHARED: Schema = {
    "type": "object",
    "$defs": {"place": {"type": "object", "properties": {"x": {"type": "integer"}}}},
    "properties": {"from": {"$ref": "#/$defs/place"}, "to": {"$ref": "#/$defs/place"}},
}
OLD: Schema = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"pair": {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]}},
}


def _object(**properties: Any) -> Schema:
    return {"type": "object", "properties": properties}


def _nested(levels: int) -> Schema:
    schema: Schema = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "not": schema}
    return schema


def _doubled(times: int) -> Schema:
    """Refers to itself so that each level is there twice: 2 ** ``times`` parts."""
    parts: Schema = {
        f"at{level}": {"allOf": [{"$ref": f"#/$defs/at{level + 1}"}] * 2} for level in range(times)
    }
    return {"type": "object", "$defs": {**parts, f"at{times}": {}}, "allOf": [parts["at0"]]}


@pytest.mark.parametrize(
    ("schema", "arguments", "fits"),
    [
        (ROOM, {"room": "hall"}, True),
        (ROOM, {"room": "attic"}, False),
        (ROOM, {}, False),
        (ROOM, {"room": "hall", "more": 1}, False),
        (SHARED, {"to": {"x": 1}}, True),
        (SHARED, {"to": {"x": "one"}}, False),
        (OLD, {"pair": [1, "one"]}, True),
        (OLD, {"pair": 1}, False),
        (_object(it={"oneOf": [{"type": "integer"}, {"type": "null"}]}), {"it": None}, True),
        (_object(it={"oneOf": [{"type": "integer"}, {"type": "null"}]}), {"it": "no"}, False),
        (_object(it={"items": {"type": "integer"}}), {"it": [1, "two"]}, False),
        (_object(it=True), {"it": "anything"}, True),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": "one"}, False),
    ],
)
def test_arguments_are_held_to_it(schema: Schema, arguments: Schema, fits: bool) -> None:
    assert (problem(tool_schema(schema), arguments) == "") is fits


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "objekt"}, "not that of an object"),
        ({}, "not that of an object"),
        ({"type": "array"}, "not that of an object"),
        ({"type": "object", "properties": 5}, "5 is not of type 'object'"),
        (_object(it={"type": "whole number"}), "whole number"),
        (_object(it={"$ref": "#/default"}) | {"default": {"properties": 5}}, "can't be read"),
        (_object(it={"$ref": "#/default"}) | {"default": {"type": "wrong"}}, "wrong"),
        (_object(it={"$ref": "#/nowhere"}), "refers to nothing"),
        (_object(it={"$ref": "http://127.0.0.1/schema"}), "refers to something elsewhere"),
        (_object(it={"$ref": "file:///etc/passwd"}), "refers to something elsewhere"),
        ({"type": "object", "$schema": ["odd"]}, "can't be read"),
        ({"type": "object", "title": "x" * 20_000}, "more than 16000 characters"),
        (_object(**{f"p{number}": {} for number in range(600)}), "more than 500 parts"),
        (_object(**{"x" * 100: {}}), "a name in it"),
        (_object(**{"a\x1bb": {}}), "a name in it"),
        ({"type": "object", "allOf": [{"$ref": "#"}]}, "round in circles"),
        (_doubled(10), "more than 500 parts"),
        (_doubled(40), "levels deep"),
        (_nested(30), "levels deep"),
        (_nested(100_000), "can't be read"),
    ],
)
def test_one_that_is_none_or_too_much_is_refused(schema: Schema, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        tool_schema(schema)


def test_a_regular_expression_that_never_ends_is_not_followed() -> None:
    slow = _object(it={"type": "string", "pattern": "^(a+)+$"})
    names = {"type": "object", "patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}
    long = "a" * 64 + "!"
    assert problem(tool_schema(slow), {"it": long}) == ""
    assert problem(tool_schema(names), {long: 1}) == ""


def test_what_is_left_refers_to_nothing_and_is_cleaned() -> None:
    assert "$ref" not in json.dumps(tool_schema(SHARED))
    assert tool_schema(ROOM)["properties"]["room"]["description"] == "Which room."
