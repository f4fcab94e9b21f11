"""A conversation as a list of messages, for servers that render the prompt themselves."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from heisenberg.core.errors import InputError
from heisenberg.llm.base import Structure
from heisenberg.llm.prompts import (
    all_without_markers,
    likely_special,
    with_results,
    without_markers,
)
from heisenberg.llm.prompts.budget import prompt_room, shorter_and_shorter, too_long
from heisenberg.llm.servers.remote import Ask
from heisenberg.llm.tools.formats import openai_tool

_CHARACTERS_A_TOKEN: Final = 3
"""Fewer than in any language that is written with letters: the server alone can count."""
_TOKENS_A_MESSAGE: Final = 6


def fitting_messages(ask: Ask, context_tokens: int) -> list[dict[str, str]]:
    """``role`` and ``content``, with as much history as leaves room for the reply, by estimate.

    What came of calls is part of the prompt: not every model there has a role for tools. Raises
    ``InputError`` for a prompt that does not fit alone.
    """
    room = prompt_room(context_tokens, ask.sampling.max_tokens)
    tokens = 0
    for history in shorter_and_shorter(ask.history):
        said = [("system", ask.system_prompt)] if ask.system_prompt.strip() else []
        for user, assistant in history:
            said += [("user", user), ("assistant", assistant)]
        said.append(("user", with_results(ask.prompt, ask.results)))
        if ask.begun:
            said.append(("assistant", ask.begun))
        texts = [*(text for _, text in said), *map(json.dumps, openai_tools(ask))]
        tokens = sum(len(text) // _CHARACTERS_A_TOKEN + _TOKENS_A_MESSAGE for text in texts)
        if tokens <= room:
            return [{"role": role, "content": _clean(text)} for role, text in said]
    raise too_long(tokens, context_tokens, room)


def openai_tools(ask: Ask) -> list[dict[str, Any]]:
    """The tools as OpenAI's interface has them, and Ollama's."""
    tools = [openai_tool(tool) for tool in ask.tools]
    return [all_without_markers(tool, likely_special) for tool in tools]


def named_model(ask: Ask, present: str, known: Collection[str], backend: str) -> str:
    """Which of a server's models is to answer. Raises ``InputError`` for one it does not have."""
    if ask.model and ask.model not in known:
        raise InputError(
            f"The back end '{backend}' has no model '{ask.model}'.",
            f"It has: {', '.join(sorted(known)[:8])}.",
        )
    return ask.model or present


def refuse_begun(ask: Ask, backend: str) -> None:
    """Raises ``InputError`` where servers differ in how they go on with a reply that was begun."""
    if ask.begun:
        raise InputError(
            f"The back end '{backend}' can't go on with a reply that was begun.",
            "Use the back end 'inprocess', 'server' or 'ollama'.",
        )


def only_schema(structure: Structure, backend: str) -> Mapping[str, Any]:
    """The schema. Raises ``InputError`` for a grammar, which only llama.cpp understands."""
    if structure.schema is None:
        raise InputError(
            f"The back end '{backend}' can't write by a grammar.",
            "Use a JSON Schema, or the back end 'inprocess' or 'server'.",
        )
    return structure.schema


def _clean(text: str) -> str:
    return without_markers(text.strip(), likely_special)
