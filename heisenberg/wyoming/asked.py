"""Texts that a client wants to have understood, or answered."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from datetime import timedelta
from typing import Any, Final

import structlog

from heisenberg.core.asking import talk
from heisenberg.core.errors import HeisenbergError, InputError
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services
from heisenberg.wyoming.messages import (
    Entity,
    Event,
    Handled,
    Intent,
    NotHandled,
    NotRecognized,
)

_LONGEST: Final = 10_000
_LONGEST_NAME: Final = 100

_log = structlog.get_logger(__name__)


def text_of(event: Event) -> str:
    """The text of a message that must have one. Raises ``InputError``."""
    text = event.data.get("text")
    if not isinstance(text, str):
        raise InputError(f"The message '{event.type}' has no text.", "Send one as its data.")
    if len(text) > _LONGEST:
        raise InputError(f"The text is longer than {_LONGEST} characters.", "Send a shorter one.")
    return text


async def handled(services: Services, event: Event) -> Handled | NotHandled:
    """Do what a text asks for, or answer it, in the conversation that ``event`` names."""
    text = text_of(event).strip()
    if not text:
        return NotHandled(text="Nothing was asked.")
    answered = Answered(services.llm.info)
    try:
        async with aclosing(talk(services, _who(event.data), text, answered)) as parts:
            async for _ in parts:
                pass
    except HeisenbergError as exc:
        _log.warning("a question over Wyoming was not answered", reason=str(exc))
        return NotHandled(text=str(exc))
    return Handled(text=answered.text)


def recognized(services: Services, event: Event) -> Intent | NotRecognized:
    """Which skill a text asks for, and the values of its slots; nothing is done."""
    text = text_of(event)
    match = services.skills.find(text) if services.skills else None
    if match is None:
        return NotRecognized()
    entities = [Entity(name, _plain(value)) for name, value in match.slots.items()]
    return Intent(f"{match.skill}.{match.action.name}", entities)


def _who(data: Mapping[str, Any]) -> str:
    """Whose conversation it is."""
    context = data.get("context")
    name = context.get("conversation_id") if isinstance(context, dict) else None
    return f"wyoming {name[:_LONGEST_NAME]}" if isinstance(name, str) else "wyoming"


def _plain(value: object) -> str | int | float:
    """A slot's value as JSON can hold it; a duration in seconds."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, (int, float)) else str(value)
