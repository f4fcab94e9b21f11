"""Conversations without a room: whoever asks over the network has one of their own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.conversation import Conversation

MOST: Final = 200
"""Conversations: who was silent for longest is forgotten first."""


class Conversations:
    """By the name of who talks. In memory only."""

    def __init__(self, begin: Callable[[], Conversation], *, most: int = MOST) -> None:
        self._begin = begin
        self._most = most
        self._kept: OrderedDict[str, Conversation] = OrderedDict()
        self._folding: dict[str, asyncio.Task[None]] = {}

    async def of(self, name: str) -> Conversation:
        """The conversation of ``name``, to go on with: nothing else is done to it meanwhile."""
        if (folding := self._folding.pop(name, None)) is not None:
            await cancel_and_wait(folding)
        conversation = self._kept.pop(name, None) or self._begin()
        self._kept[name] = conversation
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return conversation

    def said(self, name: str, user: str, assistant: str) -> None:
        """Keep a turn, and make the history shorter while nobody waits."""
        conversation = self._kept.get(name)
        if conversation is None:
            return
        conversation.remember(user, assistant)
        folding = asyncio.create_task(conversation.fold(), name="fold a conversation")
        self._folding[name] = folding
        folding.add_done_callback(lambda done: self._folded(name, done))

    def forget(self) -> None:
        """Nobody has said anything."""
        self._kept.clear()

    async def aclose(self) -> None:
        for folding in tuple(self._folding.values()):
            await cancel_and_wait(folding)

    def _folded(self, name: str, folding: asyncio.Task[None]) -> None:
        if self._folding.get(name) is folding:
            del self._folding[name]
