"""A very long conversation: what is still known at its end, and what its prompts cost."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from heisenberg.bench.turns.conversation import QUESTIONS
from heisenberg.bench.turns.overlaps import REQUESTS
from heisenberg.core.conversation import Conversation
from heisenberg.llm.base import LanguageModel
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords

TURNS: Final = 200
_AROUND: Final = 5
"""So many turns around the tenth, and the last ones, are compared by their medians."""

FACTS: Final = (
    ("My dog is called Rufus.", "What is my dog called?", "rufus"),
    ("My sister lives in Oslo.", "Where does my sister live?", "oslo"),
    ("My car is a red Volvo.", "What colour is my car?", "red"),
    ("My dentist appointment is on Thursday.", "On which day is my dentist appointment?", "thurs"),
    ("Remember that the door code is 4471.", "What is the door code?", "4471"),
    ("I am allergic to peanuts.", "What am I allergic to?", "peanut"),
    ("My favourite colour is green.", "What is my favourite colour?", "green"),
    ("My son is nine years old.", "How old is my son?", "nine|9"),
    ("I work in a bakery.", "Where do I work?", "bakery"),
    ("Our flight to Rome leaves in May.", "In which month does our flight to Rome leave?", "may"),
)
"""What is said early on, asked at the end, and a word of the right answer."""


@dataclass(frozen=True, slots=True)
class RecallTurn:
    """One turn; the prompt in tokens, and the time to the first piece of the reply."""

    question: str
    reply: str
    prompt_tokens: int
    first_piece_s: float


@dataclass(frozen=True, slots=True)
class RecallReport:
    """The conversation, then the questions about what was said at its beginning."""

    turns: tuple[RecallTurn, ...]
    asked: tuple[RecallTurn, ...]
    recalled: tuple[bool, ...]

    def as_dict(self) -> dict[str, Any]:
        early = [turn.first_piece_s for turn in self.turns[10 - _AROUND : 10 + _AROUND]]
        late = [turn.first_piece_s for turn in self.turns[-2 * _AROUND :]]
        tenth_s, last_s = statistics.median(early), statistics.median(late)
        return {
            "turns": len(self.turns),
            "longest_prompt_tokens": max(turn.prompt_tokens for turn in self.turns),
            "last_prompt_tokens": self.turns[-1].prompt_tokens,
            "recalled": sum(self.recalled),
            "facts": len(self.recalled),
            "tenth_s": round(tenth_s, 3),
            "last_s": round(last_s, 3),
            "ratio": round(last_s / tenth_s, 2),
            "answers": [(turn.question, turn.reply) for turn in self.asked],
        }


async def bench_recall(
    llm: LanguageModel,
    words: PromptWords,
    *,
    max_history_turns: int,
    turns: int = TURNS,
    on_turn: Callable[[RecallTurn], None],
) -> RecallReport:
    """Say the facts, ask about other things for the rest of ``turns`` turns, then about the facts.

    Each question at the end is asked of the same conversation, and not remembered by it.
    """
    conversation = Conversation(llm, ConversationHistory(max_history_turns), words)
    await conversation.settle()
    said = [fact for fact, _, _ in FACTS]
    chatter = itertools.cycle((*QUESTIONS, *REQUESTS))
    held = []
    for number in range(turns):
        text = said[number] if number < len(said) else next(chatter)
        turn = await _take(conversation, text)
        conversation.remember(text, turn.reply)
        await conversation.settle()
        held.append(turn)
        on_turn(turn)
    asked, recalled = [], []
    for _, question, right in FACTS:
        turn = await _take(conversation, question)
        await conversation.warm()
        asked.append(turn)
        recalled.append(any(word in turn.reply.lower() for word in right.split("|")))
        on_turn(turn)
    return RecallReport(tuple(held), tuple(asked), tuple(recalled))


async def _take(conversation: Conversation, text: str) -> RecallTurn:
    pieces: list[str] = []
    first_s = 0.0
    began_s = time.perf_counter()
    async with aclosing(conversation.reply(text)) as generation:
        async for piece in generation:
            first_s = first_s or time.perf_counter() - began_s
            pieces.append(piece)
    return RecallTurn(text, "".join(pieces).strip(), generation.prompt_tokens, first_s)
