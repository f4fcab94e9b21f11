"""A conversation that grows old."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.config import CacheConfig
from heisenberg.core.conversation import Conversation
from heisenberg.core.errors import EngineError
from heisenberg.core.grounding import Grounding
from heisenberg.llm.answers.cached import with_cache
from heisenberg.llm.base import Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.framing import Framing, estimated_tokens
from heisenberg.llm.prompts.prompt_words import PromptWords
from tests.fakes.documents import ScriptedKnowledge
from tests.fakes.llm import ScriptedLanguageModel

WORDS = PromptWords("Be kind.", "Take notes.", "Known:\n{facts}\nNotes: {summary}")


def _conversation(llm: ScriptedLanguageModel, max_turns: int = 2) -> Conversation:
    return Conversation(llm, ConversationHistory(max_turns), WORDS)


async def _ask(conversation: Conversation, question: str) -> str:
    generation = conversation.reply(question)
    answer = "".join([piece async for piece in generation])
    conversation.remember(question, answer)
    return answer


async def test_what_is_no_longer_in_the_history_is_in_what_the_model_is_told() -> None:
    llm = ScriptedLanguageModel([("Hm.",), ("Hm.",), ("Hm.",), ("Hm.",), (" Some ", "notes. ")])
    conversation = _conversation(llm)
    for question in ("My dog is called Rex.", "Really.", "Is that so?", "Go on."):
        await _ask(conversation, question)
    assert llm.requests[-1].system_prompt is None

    await conversation.settle()
    await _ask(conversation, "What is my dog called?")

    notes, asked = llm.requests[-2:]
    assert notes.system_prompt == "Take notes."
    assert "User: My dog is called Rex.\nAssistant: Hm." in notes.prompt
    assert "Is that so?" not in notes.prompt
    assert asked.system_prompt == "Be kind.\n\nKnown:\n- My dog is called Rex.\nNotes: Some notes."
    assert [user for user, _ in asked.history] == ["Is that so?", "Go on."]
    assert llm.warmed[-1].system_prompt == asked.system_prompt


async def test_nothing_is_written_about_a_short_conversation() -> None:
    llm = ScriptedLanguageModel()
    conversation = _conversation(llm)
    await _ask(conversation, "Hello.")
    await conversation.settle()

    assert len(llm.requests) == 1
    assert llm.warmed[-1].history == (("Hello.", "Yes."),)


async def test_settling_that_is_interrupted_changes_nothing_and_is_made_up_for() -> None:
    gate = asyncio.Event()
    llm = ScriptedLanguageModel([*[("Hm.",)] * 4, ("Not", " these."), ("Notes.",)], gates={1: gate})
    conversation = _conversation(llm)
    for number in range(4):
        await _ask(conversation, f"My number {number} is lucky.")
    llm.began.clear()
    settling = asyncio.create_task(conversation.settle())
    await llm.began.wait()
    await cancel_and_wait(settling)
    gate.set()
    generation = conversation.reply("And now?")
    await generation.aclose()

    await conversation.settle()

    assert llm.warmed[-1].system_prompt is not None
    assert llm.warmed[-1].system_prompt.endswith("Notes: Notes.")
    assert len(llm.warmed[-1].history) == 2


async def test_without_a_model_facts_are_kept_all_the_same() -> None:
    llm = ScriptedLanguageModel()
    conversation = _conversation(llm)
    for number in range(4):
        await _ask(conversation, f"My number {number} is lucky.")
    llm.error = EngineError("It is down.", "Start it.")

    await conversation.settle()

    assert llm.warmed[-1].system_prompt is not None
    assert "My number 0 is lucky." in llm.warmed[-1].system_prompt


@pytest.mark.parametrize("folded", [False, True])
async def test_who_forgets_knows_nothing_any_more(*, folded: bool) -> None:
    llm = ScriptedLanguageModel()
    conversation = _conversation(llm)
    for number in range(4):
        await _ask(conversation, f"My number {number} is lucky.")
    if folded:
        await conversation.settle()

    await conversation.forget()
    await _ask(conversation, "What do you know?")

    assert llm.requests[-1].history == ()
    assert llm.requests[-1].system_prompt is None


async def test_who_forgets_is_not_answered_from_what_was_said_before() -> None:
    llm = ScriptedLanguageModel([("Paris",), ("Paris", " again")])
    keeping = await with_cache(llm, CacheConfig(voice=True))
    conversation = Conversation(keeping, ConversationHistory(0), WORDS)
    question = "What is the capital of France?"
    assert await _ask(conversation, question) == await _ask(conversation, question)

    await conversation.forget()

    assert await _ask(conversation, question) == "Paris again"
    assert len(llm.requests) == 2


async def test_between_two_turns_the_model_may_change_and_the_next_one_is_warmed() -> None:
    order: list[str] = []

    class Model(ScriptedLanguageModel):
        async def warm(self, **_: object) -> None:
            order.append("warm")

    async def change() -> None:
        order.append("change")

    history = ConversationHistory(5)
    conversation = Conversation(Model(), history, PromptWords(), between_turns=change)
    await conversation.settle()

    assert order == ["change", "warm"]


@pytest.mark.parametrize(("rank", "tokens"), [(Rank.VOICE, 60), (Rank.API, 200)])
async def test_who_asks_in_writing_has_more_of_a_document_read(rank: Rank, tokens: int) -> None:
    text = " ".join(f"word{number}" for number in range(400))
    grounding = Grounding(ScriptedKnowledge({"pump": [text]}), Framing("{text}", "{text}"))
    conversation = Conversation(
        ScriptedLanguageModel(), ConversationHistory(2), WORDS, rank=rank, grounding=grounding
    )
    grounds = await conversation.ground("What does the pump do?")
    assert grounds is not None
    assert tokens - 10 < estimated_tokens(grounds.text) <= tokens
