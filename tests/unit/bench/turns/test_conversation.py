"""The tenth turn is measured as a room takes it: with its history, evaluated beforehand."""

from __future__ import annotations

import pytest

from heisenberg.bench.turns.conversation import (
    QUESTIONS,
    TENTH,
    ConversationReport,
    TextTurn,
    bench_conversation,
)
from heisenberg.core.errors import TurnError
from heisenberg.llm.prompts.prompt_words import PromptWords
from tests.fakes.llm import ScriptedLanguageModel

WORDS = PromptWords("Be kind.", "Take notes.", "Known:\n{facts}\nNotes: {summary}")


def turns(first_s: float, between_s: float, tenth_s: float) -> tuple[TextTurn, ...]:
    times_s = (first_s, *[between_s] * (TENTH - 2), tenth_s)
    return tuple(TextTurn("Why?", "Because.", seconds, 20) for seconds in times_s)


def test_the_ratio_is_that_of_the_medians_of_the_tenth_and_the_first_turn() -> None:
    found = ConversationReport(
        (turns(0.1, 0.2, 0.11), turns(0.3, 0.4, 0.9), turns(0.2, 0.3, 0.24))
    ).as_dict()
    assert (found["first_s"], found["tenth_s"], found["ratio"]) == (0.2, 0.24, 1.2)
    assert found["turns_s"] == [0.2, *[0.3] * 8, 0.24]
    assert found["repeats"] == 3


def test_turns_after_the_tenth_change_nothing_about_it() -> None:
    longer = (*turns(0.1, 0.2, 0.1), TextTurn("Why?", "Because.", 5.0, 20))
    found = ConversationReport((longer,)).as_dict()
    assert found["ratio"] == 1.0
    assert found["turns_s"][TENTH] == 5.0


async def test_every_turn_has_its_history_and_that_was_evaluated_before_it() -> None:
    llm = ScriptedLanguageModel([("Yes", ".")])
    report = await bench_conversation(llm, words=WORDS, max_history_turns=3, repeat=1)
    asked = [request for request in llm.requests if request.system_prompt != WORDS.instruction]
    assert [len(request.history) for request in asked] == [0, 1, 2, 3, 4, 3, 4, 3, 4, 3]
    assert llm.requests[1].history == ((QUESTIONS[0], "Yes."),)
    # One more than was asked: what follows the last turn is evaluated as well.
    warmed = [one.history for one in llm.warmed]
    assert warmed[:-1] == [one.history for one in asked]
    assert [turn.reply for turn in report.conversations[0]] == ["Yes."] * TENTH
    assert min(turn.first_piece_s for turn in report.conversations[0]) > 0.0


async def test_questions_that_come_tenth_came_first_before() -> None:
    report = await bench_conversation(
        ScriptedLanguageModel(), words=WORDS, max_history_turns=5, repeat=4
    )
    first = [conversation[0].question for conversation in report.conversations]
    tenth = [conversation[TENTH - 1].question for conversation in report.conversations]
    assert len(set(first)) == 4
    assert tenth[1:] == first[:-1]


async def test_a_model_that_says_nothing_is_an_error() -> None:
    with pytest.raises(TurnError, match="got no reply"):
        await bench_conversation(
            ScriptedLanguageModel([()]), words=WORDS, max_history_turns=5, repeat=1
        )
