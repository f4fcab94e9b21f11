"""How a question without a room is answered: in a conversation, or from documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from heisenberg.core.grounding import Grounds
from heisenberg.core.reply import Answered, answer
from heisenberg.core.services import Services
from heisenberg.llm.base import Rank


async def talk(
    services: Services, who: str, message: str, answered: Answered
) -> AsyncGenerator[str, None]:
    """Answer ``message`` in the conversation of ``who``; it is remembered when it is whole."""
    conversation = await services.conversations.of(who)
    async with aclosing(answer(conversation, message, answered)) as pieces:
        async for piece in pieces:
            yield piece
    services.conversations.said(who, message, answered.text)


async def explain(
    services: Services, question: str, grounds: Grounds | None, answered: Answered
) -> AsyncGenerator[str, None]:
    """Answer ``question`` from ``grounds``, once and for all who ask the same."""
    answered.sources = () if grounds is None else grounds.sources
    text = grounds.text if grounds else ""
    generation = services.llm.generate(question, grounds=text, rank=Rank.API)
    async with aclosing(answered.pieces(generation)) as pieces:
        async for piece in pieces:
            yield piece
