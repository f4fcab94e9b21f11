"""How families of models are told of tools, and the grammars of their calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from heisenberg.llm.base import Structure, Tool
from heisenberg.llm.prompts.words import read_words
from heisenberg.llm.structure import grammar_of, prefixed
from heisenberg.llm.tools.talk_or_calls import LFM2_MARKERS, QWEN_MARKERS

_LFM2_SIGNS: Final = (*LFM2_MARKERS, "<|tool_list_start|>", "List of tools: [")
"""LFM2.5's template has no marker left: its tools are a plain list."""
_OTHERS: Final = ("<function=", "[TOOL_CALLS]", "<|python_tag|>")
"""Signs of notations that are not known here."""
_TALK: Final = "root ::= blank? talk"
_PYTHON_CHARACTER: Final = r'char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\nt]'


class ToolFormat(Protocol):
    """How a family is told of tools, and writes calls."""

    @property
    def markers(self) -> tuple[str, str]:
        """What begins a call, and what ends it."""
        ...

    def described(self, tool: Tool) -> dict[str, Any]:
        """What the family's template, or ``section``, takes as ``tool``."""
        ...

    def grammar(self, tools: Sequence[Tool]) -> str:
        """GBNF: the reply is talk, or calls that fit the schemas of ``tools``, if there are any.

        It reads a file. Raises ``InputError`` for a schema that no grammar can be made of.
        """
        ...


class QwenFormat:
    """``<tool_call>`` around JSON, which Hermes brought up: also for models of other families."""

    markers = QWEN_MARKERS

    def described(self, tool: Tool) -> dict[str, Any]:
        return openai_tool(tool)

    def grammar(self, tools: Sequence[Tool]) -> str:
        rules = [rule for number, tool in enumerate(tools) for rule in _json_rules(number, tool)]
        return _with_calls("json_call.gbnf", rules, len(tools))


class Lfm2Format:
    """LFM2 and LFM2.5: calls in Python between two control tokens."""

    markers = LFM2_MARKERS

    def described(self, tool: Tool) -> dict[str, Any]:
        return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}

    def grammar(self, tools: Sequence[Tool]) -> str:
        rules = [rule for number, tool in enumerate(tools) for rule in _python_rules(number, tool)]
        return _with_calls("python_call.gbnf", rules, len(tools))


def format_in(template: str) -> ToolFormat | None:
    """The format that a model's own chat template is written for; ``None``: none of ours."""
    if any(sign in template for sign in _LFM2_SIGNS):
        return Lfm2Format()
    if QWEN_MARKERS[0] in template and not any(sign in template for sign in _OTHERS):
        return QwenFormat()
    return None


def openai_tool(tool: Tool) -> dict[str, Any]:
    """``tool`` as OpenAI's interface has it, and with it most others."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def section(described: Sequence[Mapping[str, Any]]) -> str:
    """What a system prompt says of tools where the model's template says nothing of them."""
    begin, end = QWEN_MARKERS
    listed = "\n".join(json.dumps(tool, ensure_ascii=False) for tool in described)
    return (
        f"# Tools\n\nYou can use these tools:\n<tools>\n{listed}\n</tools>\n\n"
        "To use one, reply with its name and its arguments as JSON, and with nothing else:\n"
        f'{begin}\n{{"name": <name>, "arguments": <object>}}\n{end}\n'
        "Where no tool is needed, answer in words."
    )


def _with_calls(file: str, rules: Sequence[str], count: int) -> str:
    choice = " | ".join(f"tool{number}-root" for number in range(count))
    calls = [read_words("grammars", file), f"call ::= {choice}"] if count else [_TALK]
    return "\n".join([read_words("grammars", "talk.gbnf"), *calls, *rules])


def _json_rules(number: int, tool: Tool) -> list[str]:
    parameters = dict(tool.parameters)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"name": {"const": tool.name}, "arguments": parameters},
        "required": ["name", "arguments"],
        # References begin at the root.
        **{key: parameters.pop(key) for key in ("$defs", "definitions") if key in parameters},
    }
    return prefixed(number, grammar_of(Structure(schema=schema)))


def _python_rules(number: int, tool: Tool) -> list[str]:
    """The rules of the JSON object that the arguments would be, but for its outermost signs."""
    keys = {
        re.sub(r"[^a-zA-Z0-9]+", "-", name): name for name in tool.parameters.get("properties", ())
    }
    rules = []
    for rule in grammar_of(Structure(schema=tool.parameters)).splitlines():
        name, _, body = rule.partition(" ::= ")
        key = keys.get(name.removesuffix("-kv")) if name.endswith("-kv") else None
        if name == "root":
            body = body.replace('"{" space', f'"{tool.name}("').replace('"}" space', '")"')
        elif key is not None:
            body = body.replace(rf'"\"{key}\"" space ":" space', f'"{key}="')
        elif name == "char":
            body = _PYTHON_CHARACTER.partition(" ::= ")[2]
        elif name in ("boolean", "null"):
            body = body.replace("true", "True").replace("false", "False").replace("null", "None")
        rules.append(f"{name} ::= {body}")
    return prefixed(number, "\n".join(rules))
