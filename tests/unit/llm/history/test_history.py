from __future__ import annotations

from heisenberg.llm.history import ConversationHistory


def _filled(max_turns: int, turns: int) -> ConversationHistory:
    history = ConversationHistory(max_turns)
    for number in range(turns):
        history.append(f"question {number}", f"answer {number}")
    return history


def test_the_last_turns_are_kept_as_they_were() -> None:
    history = _filled(2, 4)
    history.fold(history.to_fold(), "Notes.")

    assert history.pairs() == [("question 2", "answer 2"), ("question 3", "answer 3")]
    assert history.notes == "Notes."


def test_folding_waits_until_there_is_more_than_one_turn_to_fold() -> None:
    history = ConversationHistory(5)
    folds = []
    for number in range(40):
        history.append(str(number), "")
        if turns := history.to_fold():
            folds.append(len(turns))
            history.fold(turns, "")
            assert len(history.pairs()) == 5
        assert len(history.pairs()) <= 7
    assert set(folds) == {3}


def test_no_turns_means_no_memory() -> None:
    history = _filled(0, 3)

    assert history.pairs() == []
    assert history.to_fold() == []


def test_facts_outlive_their_turns_and_come_from_the_user_alone() -> None:
    history = ConversationHistory(1)
    history.append("My dog is called Rex. How are you?", "My cat is called Tom.")
    history.append("Fine.", "Good.")
    assert history.facts == []
    history.fold(history.to_fold(), "")

    assert history.facts == ["My dog is called Rex."]


def test_a_model_does_not_see_itself_repeat_what_it_said_but_all_that_was_told_it() -> None:
    history = ConversationHistory(9)
    again = "Your dog is called Rufus."
    for user, assistant in (
        ("What is my dog called?", again),
        ("How much does it cost?", "your dog is called rufus"),
        ("Is that true?", "Yes."),
        ("My sister lives in Oslo.", again),
        ("Really?", "Yes."),
        ("When does the train leave?", again),
        ("How far is it?", "How far is it?"),
    ):
        history.append(user, assistant)

    assert [user for user, _ in history.telling()] == [
        "What is my dog called?",
        "Is that true?",
        "My sister lives in Oslo.",
        "Really?",
    ]
    assert len(history.pairs()) == 7


def test_pairs_is_a_copy_and_clear_forgets_all() -> None:
    history = ConversationHistory(1)
    for text in ("My name is Ada.", "Hm.", "So."):
        history.append(text, "answer")
    before = history.pairs()
    history.fold(history.to_fold(), "Notes.")

    history.clear()

    assert (history.pairs(), history.facts, history.notes) == ([], [], "")
    assert len(before) == 3
