"""What a tool takes: its JSON Schema, made harmless.

A stranger wrote it, and a model, a grammar and a validator are to follow it, so nothing in it may
cost much. What it refers to is put in its place, within bounds, so that nothing goes round in
circles and nothing is fetched; what no size bounds, such as a regular expression, is left to the
server, which checks for itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from heisenberg.mcp.strangers_text import one_line

MOST_CHARACTERS: Final = 16_000
_MOST_PARTS: Final = 500
_DEEPEST: Final = 24
"""Far from Python's own limit, at which the native parts of jsonschema end the process."""
_LONGEST_NAME: Final = 64
_LONGEST_ABOUT: Final = 200

_KEPT: Final = frozenset(
    {
        *("type", "enum", "const", "default", "format", "required"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    }
)
_OF_ONE: Final = ("items", "additionalProperties", "not")
_OF_SEVERAL: Final = ("allOf", "anyOf", "oneOf", "prefixItems")


def tool_schema(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What of ``schema`` a tool's arguments are held to.

    Raises ``ValueError`` for what is no JSON Schema, or none of an object, or too much.
    """
    from jsonschema import Draft202012Validator, FormatChecker, SchemaError
    from jsonschema.validators import validator_for

    no_formats = FormatChecker(formats=())  # regular expressions are not even compiled
    try:
        if len(json.dumps(schema)) > MOST_CHARACTERS:
            raise ValueError(f"it has more than {MOST_CHARACTERS} characters")
        if _is_deeper(schema, 2 * _DEEPEST):
            raise _too_deep()
        if schema.get("type") != "object":
            raise ValueError("it is not that of an object")
        kind: Any = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema, format_checker=no_formats)
        read: Mapping[str, Any] = _Reading(schema).part(schema)
        Draft202012Validator.check_schema(read, format_checker=no_formats)
    except SchemaError as exc:
        raise ValueError(exc.message) from exc
    except (RecursionError, TypeError, AttributeError) as exc:
        raise ValueError(f"it can't be read ({type(exc).__name__})") from exc
    return read


def problem(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    """Why ``arguments`` do not fit what ``tool_schema`` returned; empty where they do."""
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(schema).iter_errors(arguments), None)
    return "" if error is None else error.message


class _Reading:
    """Copies a schema part by part, and counts them."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._parts = 0

    def part(self, schema: Any, depth: int = 0) -> Any:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ValueError(f"it has more than {_MOST_PARTS} parts")
        if depth > _DEEPEST:
            raise _too_deep()
        if not isinstance(schema, Mapping):
            return schema
        kept = {key: value for key, value in schema.items() if key in _KEPT}
        if "description" in schema:
            kept["description"] = one_line(schema["description"], _LONGEST_ABOUT)
        if "properties" in schema:
            kept["properties"] = {
                _named(name): self.part(one, depth + 1)
                for name, one in schema["properties"].items()
            }
        for key in _OF_ONE:
            if key in schema and not isinstance(schema[key], list):
                kept[key] = self.part(schema[key], depth + 1)
        for key in _OF_SEVERAL:
            if key in schema:
                kept[key] = [self.part(one, depth + 1) for one in schema[key]]
        if "patternProperties" in schema:
            kept.pop("additionalProperties", None)  # which these are is told by expressions alone
        if "$ref" in schema:
            kept.setdefault("allOf", []).append(self.part(self._at(schema["$ref"]), depth + 1))
        return kept

    def _at(self, reference: str) -> Any:
        """The part that is meant; a JSON pointer (RFC 6901)."""
        if reference != "#" and not reference.startswith("#/"):
            raise ValueError(f"it refers to something elsewhere: {reference[:_LONGEST_NAME]}")
        found: Any = self._whole
        for step in reference.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise ValueError(f"it refers to nothing: {reference[:_LONGEST_NAME]}")
            found = found[name]
        return found


def _named(name: str) -> str:
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError("a name in it is too long, or can't be shown")
    return name


def _too_deep() -> ValueError:
    return ValueError(f"it is more than {_DEEPEST} levels deep, or goes round in circles")


def _is_deeper(schema: Any, levels: int) -> bool:
    if isinstance(schema, Mapping):
        parts: Sequence[Any] = tuple(schema.values())
    elif isinstance(schema, list):
        parts = schema
    else:
        return False
    return not levels or any(_is_deeper(part, levels - 1) for part in parts)
