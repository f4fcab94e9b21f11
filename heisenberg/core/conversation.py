"""What was said so far, and the model that answers: a conversation needs no room."""

from __future__ import annotations

from heisenberg.llm.base import Generation, LanguageModel, ModelInfo
from heisenberg.llm.history import ConversationHistory


class Conversation:
    """One person's talk with the assistant; it owns its history."""

    def __init__(self, llm: LanguageModel, history: ConversationHistory) -> None:
        self._llm = llm
        self._history = history

    @property
    def model(self) -> ModelInfo:
        """Which model answers."""
        return self._llm.info

    def reply(self, text: str) -> Generation:
        """Begin to answer ``text``; nothing is remembered until ``remember``."""
        return self._llm.generate(text, conversation_history=self._history.pairs())

    async def warm(self, words: str = "") -> None:
        """Evaluate now what the next prompt begins with; cancelled, it ends at once.

        ``words`` are those with which the user has begun to ask.
        """
        await self._llm.warm(conversation_history=self._history.pairs(), words=words)

    def remember(self, user: str, assistant: str) -> None:
        """Keep a turn: what the user said, and what reached them of the answer."""
        self._history.append(user, assistant)
