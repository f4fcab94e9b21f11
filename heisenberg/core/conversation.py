"""What was said so far, and the model that answers: a conversation needs no room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from heisenberg.core.errors import HeisenbergError
from heisenberg.llm.base import Forgetful, Generation, LanguageModel, ModelInfo, Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompt_words import MOST_NOTES_TOKENS, PromptWords


class Conversation:
    """One person's talk with the assistant; it owns its history."""

    def __init__(
        self,
        llm: LanguageModel,
        history: ConversationHistory,
        words: PromptWords,
        *,
        rank: Rank = Rank.VOICE,
        keep: Callable[[ConversationHistory], None] | None = None,
        between_turns: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``rank`` is that of whoever asks; ``keep``, which may block, puts the history on disk;
        ``between_turns`` may change the model."""
        self._llm = llm
        self._history = history
        self._words = words
        self._rank = rank
        self._keep = keep
        self._between_turns = between_turns

    @property
    def model(self) -> ModelInfo:
        """Which model answers."""
        return self._llm.info

    def reply(self, text: str) -> Generation:
        """Begin to answer ``text``; nothing is remembered until ``remember``."""
        return self._llm.generate(
            text,
            conversation_history=self._history.pairs(),
            system_prompt=self._system_prompt(),
            rank=self._rank,
        )

    async def warm(self, words: str = "") -> None:
        """Evaluate now what the next prompt begins with; cancelled, it ends at once.

        ``words`` are those with which the user has begun to ask.
        """
        await self._llm.warm(
            system_prompt=self._system_prompt(),
            conversation_history=self._history.pairs(),
            words=words,
        )

    def remember(self, user: str, assistant: str) -> None:
        """Keep a turn: what the user said, and what reached them of the answer."""
        self._history.append(user, assistant)

    async def settle(self) -> None:
        """While nobody waits: make the history shorter where it is too long, then ``warm``.

        Cancelled, it ends at once, and the history is as it was. Raises what the model raises when
        it can't be warmed; without it, turns are folded into facts alone.
        """
        turns = self._history.to_fold()
        if turns:
            try:
                notes = await self._llm.generate_simple(
                    self._words.request(turns, self._history.notes),
                    system_prompt=self._words.instruction,
                    max_tokens=MOST_NOTES_TOKENS,
                    rank=Rank.COMPRESSION,
                )
            except HeisenbergError:
                notes = self._history.notes
            self._history.fold(turns, " ".join(notes.split()))
        await self._keep_history()
        if self._between_turns is not None:
            await self._between_turns()
        await self.warm()

    async def forget(self) -> None:
        """Forget everything that was said, here or to the same model by others."""
        self._history.clear()
        if isinstance(self._llm, Forgetful):
            self._llm.forget()
        await self._keep_history()

    async def _keep_history(self) -> None:
        if self._keep is not None:
            await asyncio.to_thread(self._keep, self._history)

    def _system_prompt(self) -> str | None:
        return self._words.system_prompt(self._history.facts, self._history.notes)
