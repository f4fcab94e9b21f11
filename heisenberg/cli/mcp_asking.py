"""How a coding agent's wishes reach Heisenberg: the running one, or a model of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from heisenberg.cli.ask_running import control_socket
from heisenberg.core.errors import NotRunning
from heisenberg.service.client import stream
from heisenberg.service.wire import ASK

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.core.conversation import Conversation
    from heisenberg.core.lifecycle import Stages


class Asking:
    """Questions are answered by a model that is loaded for them where no Heisenberg runs; all else
    needs one that does."""

    def __init__(self, config: Config, stages: Stages) -> None:
        """``stages`` ends what is loaded."""
        self._config = config
        self._stages = stages
        self._alone: Conversation | None = None
        self._one_at_a_time = asyncio.Lock()

    async def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The last object of the answer. Raises ``HeisenbergError``."""
        gone = threading.Event()
        try:
            return await asyncio.to_thread(self._of_the_running, request, gone)
        except NotRunning:
            if request["do"] != ASK:
                raise
            return await self._of_our_own(request["text"])
        finally:
            gone.set()

    def _of_the_running(
        self, request: Mapping[str, Any], gone: threading.Event
    ) -> Mapping[str, Any]:
        """Blocks; who asks no more hangs up with the next part of the answer."""
        timeout_s = self._config.llm.timeout_seconds
        answer: Mapping[str, Any] = {}
        for part in stream(control_socket(self._config), request, timeout_s):
            answer = part
            if gone.is_set():
                break
        return answer

    async def _of_our_own(self, text: str) -> Mapping[str, Any]:
        from heisenberg.core.reply import Answered, answer
        from heisenberg.main import load_conversation

        async with self._one_at_a_time:
            if self._alone is None:
                self._alone = await load_conversation(self._config, self._stages)
            answered = Answered(self._alone.model)
            async with aclosing(answer(self._alone, text, answered)) as pieces:
                async for _ in pieces:
                    pass
            self._alone.remember(text, answered.text)
        return answered.as_dict()
