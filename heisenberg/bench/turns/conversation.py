"""What the length of a conversation costs: a late turn's wait for the model against the first's.

What was said is part of every prompt. A daemon evaluates it after each turn, while nobody waits, so
that a later turn should wait no longer than the first one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any, Final

from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import TurnError
from heisenberg.llm.base import LanguageModel
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords

TENTH: Final = 10
"""The turn that is compared with the first."""

QUESTIONS: Final = (
    "What is the largest ocean in the world?",
    "Why do leaves turn red in the autumn?",
    "How do bees find their way back home?",
    "Which animal can run faster than a horse?",
    "What should I cook for dinner this evening?",
    "How long does it take to learn chess?",
    "Who was the first person on the moon?",
    "Why does ice float on top of water?",
    "What makes bread rise in a hot oven?",
    "Where do birds go when winter has come?",
)
"""Each has nine tokens, in Qwen2.5 and in SmolLM2."""


@dataclass(frozen=True, slots=True)
class TextTurn:
    """One turn: how long from asking to the first piece of the reply."""

    question: str
    reply: str
    first_piece_s: float
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """Some conversations, of ``TENTH`` turns at least and all equally long."""

    conversations: tuple[tuple[TextTurn, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        turns_s = [
            statistics.median(turn.first_piece_s for turn in turns)
            for turns in zip(*self.conversations, strict=True)
        ]
        first_s, tenth_s = turns_s[0], turns_s[TENTH - 1]
        return {
            "repeats": len(self.conversations),
            "first_s": round(first_s, 4),
            "tenth_s": round(tenth_s, 4),
            "ratio": round(tenth_s / first_s, 3),
            "turns_s": [round(seconds, 4) for seconds in turns_s],
            "conversations": [[asdict(turn) for turn in turns] for turns in self.conversations],
        }


async def bench_conversation(
    llm: LanguageModel,
    *,
    words: PromptWords,
    max_history_turns: int,
    turns: int = TENTH,
    repeat: int,
    on_turn: Callable[[int, TextTurn], None] = lambda _number, _turn: None,
) -> ConversationReport:
    """Hold ``repeat`` conversations, each beginning with another question.

    With as many questions as turns, what is asked last is what the conversation before began with;
    so the same questions come first and tenth. ``on_turn`` gets the number of each turn, from 1 on.
    Raises ``TurnError`` when a question gets no reply.
    """
    conversations = []
    for begin in range(repeat):
        conversation = Conversation(llm, ConversationHistory(max_history_turns), words)
        await conversation.warm()  # as it is when the daemon says that it is ready
        asked: list[TextTurn] = []
        for number in range(turns):
            turn = await _ask(conversation, QUESTIONS[(begin + number) % len(QUESTIONS)])
            asked.append(turn)
            on_turn(number + 1, turn)
        conversations.append(tuple(asked))
    return ConversationReport(tuple(conversations))


async def _ask(conversation: Conversation, question: str) -> TextTurn:
    """One turn, with what a room does after it: remember it, and evaluate the next prompt."""
    pieces: list[str] = []
    first_piece_s = 0.0
    began_s = time.perf_counter()
    async with aclosing(conversation.reply(question)) as generation:
        async for piece in generation:
            first_piece_s = first_piece_s or time.perf_counter() - began_s
            pieces.append(piece)
    if not pieces:
        raise TurnError(f"'{question}' got no reply.", "Ask it with 'heisenberg ask'.")
    reply = "".join(pieces).strip()
    conversation.remember(question, reply)
    await conversation.settle()
    return TextTurn(question, reply, first_piece_s, generation.prompt_tokens)
