"""What is heard of a reply that claims what was not done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from heisenberg.core.claims import Claims
from heisenberg.core.conversation import Conversation
from heisenberg.core.reply import Answered, answer
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.prompt_words import PromptWords
from tests.fakes.llm import ScriptedLanguageModel

TRUTH = "Nothing was done: I don't know how to do that. Ask what I can do, and I'll tell you."


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (("Sure, ", "I've set the alarm. ", "Sleep well."), TRUTH),
        (("It is late. ", "I've ", "set the alarm."), f"It is late. {TRUTH}"),
        (("It is late.", " I've set the alarm."), f"It is late. {TRUTH}"),
        (("It is late, and ", "I've booked a table."), f"It is late, and … {TRUTH}"),
        (("Clocks with alarms ", "were built in 1787."), "Clocks with alarms were built in 1787."),
        (("I've read about alarms",), "I've read about alarms"),
    ],
)
async def test_the_truth_takes_the_place_of_a_claim(pieces: Sequence[str], heard: str) -> None:
    llm = ScriptedLanguageModel([tuple(pieces)])
    claims = await asyncio.to_thread(Claims.load, "en")
    conversation = Conversation(llm, ConversationHistory(5), PromptWords(), claims=claims)
    answered = Answered(llm.info)
    said = "".join([piece async for piece in answer(conversation, "Well?", answered)])
    assert said == answered.text == heard
    assert answered.generated
