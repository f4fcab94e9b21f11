"""Calls of tools out of the text that a model writes, in whichever notation it writes them."""

from __future__ import annotations

import ast
import json
import keyword
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from heisenberg.core.errors import TurnError
from heisenberg.llm.base import Tool, ToolCall

_WORDS: Final = {"true": True, "false": False, "null": None}
"""What models mix with Python's own."""
_KEYWORD: Final = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
    rf"|\b(?P<keyword>{'|'.join(keyword.kwlist)})(?=\s*=(?!=))"
)
_MANGLED: Final = "_is_no_keyword"


def read_calls(text: str, tools: Sequence[Tool]) -> list[ToolCall]:
    """The calls that ``text``, without its markers, stands for.

    It is JSON, ``{"name": ..., "arguments": {...}}`` or a list of these (Qwen, Hermes, LFM2 when
    told to), or Python, ``[name(key="value"), ...]`` (LFM2). Nothing of it is ever evaluated.
    Raises ``TurnError`` if it is neither, if there is no such tool, and for arguments that don't
    fit its parameters.
    """
    try:
        found = _from_json(text) if text.lstrip("[ \n\t").startswith("{") else _from_python(text)
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as exc:
        raise _unusable(f"it can't be read ({exc})") from exc
    if not found:
        raise _unusable("it names no tool")
    known = {tool.name: tool for tool in tools}
    return [_checked(name, arguments, known) for name, arguments in found]


def _from_json(text: str) -> list[tuple[str, Any]]:
    found = json.loads(text)
    calls = found if isinstance(found, list) else [found]
    return [(str(call["name"]), _arguments(call)) for call in calls]


def _arguments(call: Mapping[str, Any]) -> Any:
    """Models that learnt from several notations use either key, and may nest JSON in a string."""
    given = call.get("arguments", call.get("parameters", {}))
    return json.loads(given) if isinstance(given, str) else given


def _from_python(text: str) -> list[tuple[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a backslash too many is the model's affair
        tree = ast.parse(_KEYWORD.sub(_mangle, text.strip()), mode="eval").body
    calls = tree.elts if isinstance(tree, (ast.List, ast.Tuple)) else [tree]
    return [_read_call(call) for call in calls]


def _mangle(found: re.Match[str]) -> str:
    """``from="Paris"`` is no Python, but a tool may well have a parameter of that name."""
    return f"{found[0]}{_MANGLED}" if found["keyword"] else found[0]


def _read_call(node: ast.expr) -> tuple[str, Any]:
    if not isinstance(node, ast.Call) or node.args or not isinstance(node.func, ast.Name):
        raise ValueError("not a call with named arguments")
    arguments = {}
    for given in node.keywords:
        if given.arg is None:
            raise ValueError("an argument without a name")
        arguments[given.arg.removesuffix(_MANGLED)] = ast.literal_eval(_Words().visit(given.value))
    return node.func.id, arguments


class _Words(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(_WORDS[node.id]) if node.id in _WORDS else node


def _checked(name: str, arguments: Any, known: Mapping[str, Tool]) -> ToolCall:
    from jsonschema import Draft202012Validator

    if name not in known:
        raise _unusable(f"there is no tool '{name}'")
    error = next(Draft202012Validator(known[name].parameters).iter_errors(arguments), None)
    if error is not None:
        raise _unusable(f"'{name}' does not take these arguments: {error.message}")
    return ToolCall(name, arguments)


def _unusable(problem: str) -> TurnError:
    return TurnError(
        f"The language model wants to call a tool, but {problem}.",
        "Ask in other words, or choose a larger model.",
    )
