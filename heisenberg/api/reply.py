"""An answer as it is told over HTTP."""

from __future__ import annotations

from typing import Final

from heisenberg.api.schemas import ChatReply
from heisenberg.core.reply import Answered
from heisenberg.llm.base import ModelInfo

_INTENT: Final = "chat"
"""What a question is taken for that no skill answers: else the skill's name."""


def chat_reply(answered: Answered, graphics: str) -> ChatReply:
    """``graphics`` is what the language model in this process computes with besides the CPU."""
    return ChatReply(
        response=answered.text,
        intent=answered.skill or _INTENT,
        model=answered.model.name,
        device=device_of(answered.model, graphics),
        processing_time_ms=answered.processing_time_ms,
        sources=answered.told_sources(),
    )


def device_of(model: ModelInfo, graphics: str) -> str:
    """What computes: ``graphics`` where the model runs in this process and uses it."""
    if model.backend != "inprocess":
        return "server" if model.backend != "canned" else "none"
    return graphics or "cpu"
