"""Questions in writing that a running Heisenberg answers, without a second model beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from heisenberg.core.asking import talk
from heisenberg.core.errors import InputError
from heisenberg.core.reply import Answered
from heisenberg.core.services import Services
from heisenberg.service.control import Handler
from heisenberg.service.wire import ASK


def ask_command(services: Services) -> dict[str, Handler]:
    """A handler for ``ASK``."""

    async def answer(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        text, who = request.get("text"), request.get("who")
        if not isinstance(text, str) or not isinstance(who, str):
            raise InputError("The request asks nothing.", "Send 'text' and 'who' as texts.")
        answered = Answered(services.llm.info)
        async with aclosing(talk(services, who, text, answered)) as pieces:
            async for piece in pieces:
                yield {"piece": piece}
        yield {"ok": True, **answered.as_dict()}

    return {ASK: answer}
