from __future__ import annotations

from heisenberg.llm.history import ConversationHistory


def test_the_oldest_turn_goes_first() -> None:
    history = ConversationHistory(2)
    for number in "123":
        history.append(f"question {number}", f"answer {number}")

    assert history.pairs() == [("question 2", "answer 2"), ("question 3", "answer 3")]


def test_no_turns_means_no_memory() -> None:
    history = ConversationHistory(0)
    history.append("question", "answer")

    assert history.pairs() == []


def test_pairs_is_a_copy_and_clear_forgets() -> None:
    history = ConversationHistory(2)
    history.append("question", "answer")
    before = history.pairs()

    history.clear()

    assert history.pairs() == []
    assert before == [("question", "answer")]
