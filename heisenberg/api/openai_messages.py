"""From the messages of OpenAI's interface to a prompt, and back from a reply to a message."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.api.openai_schemas import (
    CalledTool,
    ChatCompletionSent,
    ChatMessageSent,
    ResponseFormat,
)
from heisenberg.core.errors import InputError
from heisenberg.llm.base import (
    Rank,
    ReplyOptions,
    SamplingOptions,
    Structure,
    Tool,
    ToolCall,
    ToolResult,
)

_ANY_OBJECT: Final = Structure(schema={"type": "object"})
_SEEDS: Final = 2**32


@dataclass(frozen=True, slots=True)
class Said:
    """A conversation: what the system is told, the turns so far, what is asked now, and what came
    of the tools that were called for it."""

    system_prompt: str
    history: Sequence[tuple[str, str]]
    prompt: str
    results: Sequence[ToolResult]


def said_in(messages: Sequence[ChatMessageSent]) -> Said:
    """Raises ``InputError`` for messages that can't be understood, or ask nothing."""
    system: list[str] = []
    turns: list[tuple[list[str], list[str]]] = []
    calls: dict[str, ToolCall] = {}
    results: list[ToolResult] = []
    for message in messages:
        text = _text_of(message)
        match message.role:
            case "system" | "developer":
                system.append(text)
            case "user":
                if not turns or turns[-1][1]:
                    turns.append(([], []))
                turns[-1][0].append(text)
                results = []
            case "assistant":
                _check_order(turns)
                calls |= {call.id: _call_of(call) for call in message.tool_calls or ()}
                if text and not message.tool_calls:
                    turns[-1][1].append(text)
            case "tool":
                if message.tool_call_id not in calls:
                    raise InputError(
                        "A tool has answered that was not called.",
                        "Send the assistant's message with its tool_calls before it.",
                    )
                results.append(ToolResult(calls[message.tool_call_id], text))
    if not turns or turns[-1][1]:
        raise InputError("Nothing is asked.", "Let a message of the user be the last.")
    history = [("\n\n".join(user), "\n\n".join(reply)) for user, reply in turns[:-1]]
    return Said("\n\n".join(system), history, "\n\n".join(turns[-1][0]), tuple(results))


def options_of(sent: ChatCompletionSent, said: Said, model: str | None) -> ReplyOptions:
    """How the reply to ``said`` is to be. Raises ``InputError`` for what can't be had."""
    if sent.n not in (None, 1):
        raise InputError("There is one reply to a question.", "Set n to 1, and ask again for more.")
    sampling = SamplingOptions()
    if sent.temperature is not None:
        sampling["temperature"] = sent.temperature
    if sent.top_p is not None:
        sampling["top_p"] = sent.top_p
    if sent.seed is not None:
        sampling["seed"] = sent.seed % _SEEDS
    options = ReplyOptions(
        conversation_history=said.history,
        max_tokens=sent.max_completion_tokens or sent.max_tokens,
        rank=Rank.API,
    )
    if said.system_prompt:
        options["system_prompt"] = said.system_prompt
    if sampling:
        options["sampling"] = sampling
    if model is not None:
        options["model"] = model
    if (structure := _structure_of(sent.response_format)) is not None:
        options["structure"] = structure
    if tools := _tools_of(sent):
        options["tools"] = tools
    if said.results:
        options["results"] = said.results
    return options


def told_calls(calls: Sequence[ToolCall], number: str) -> list[dict[str, Any]]:
    """Calls as a message has them; ``number`` makes their names those of one reply."""
    return [
        {
            "index": index,
            "id": f"call_{number}_{index}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
        }
        for index, call in enumerate(calls)
    ]


def _text_of(message: ChatMessageSent) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    others = {part.type for part in message.content} - {"text"}
    if others:
        raise InputError(
            f"A message holds more than text: {', '.join(sorted(others))}.", "Send text only."
        )
    return "\n".join(part.text for part in message.content)


def _check_order(turns: Sequence[object]) -> None:
    if not turns:
        raise InputError("The assistant speaks first.", "Let the user's question stand before it.")


def _call_of(call: CalledTool) -> ToolCall:
    try:
        arguments = json.loads(call.function.arguments or "{}")
    except (ValueError, RecursionError) as exc:
        raise InputError(
            f"The arguments of {call.function.name} are not JSON.", "Send them as they came."
        ) from exc
    if not isinstance(arguments, dict):
        raise InputError(
            f"The arguments of {call.function.name} have no names.", "Send a JSON object."
        )
    return ToolCall(call.function.name, arguments)


def _structure_of(form: ResponseFormat | None) -> Structure | None:
    if form is None or form.type == "text":
        return None
    if form.type == "json_object":
        return _ANY_OBJECT
    if form.json_schema is None or not form.json_schema.schema_:
        raise InputError(
            "The response_format has no schema.", "Give it as json_schema: {name, schema}."
        )
    return Structure(schema=form.json_schema.schema_)


def _tools_of(sent: ChatCompletionSent) -> list[Tool]:
    choice = sent.tool_choice
    if not sent.tools or choice == "none":
        return []
    if choice not in (None, "auto"):
        raise InputError(
            "The model can't be made to call a tool.", "Set tool_choice to 'auto' or 'none'."
        )
    return [
        Tool(one.function.name, one.function.description, one.function.parameters)
        for one in sent.tools
    ]
