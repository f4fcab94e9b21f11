"""What is kept of the answers that were given, and for how long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heisenberg.llm.answers import answer_cache
from heisenberg.llm.answers.answer_cache import Answer, AnswerCache, Asked


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _asked(question: str, context: bytes = b"") -> Asked:
    return Asked(question, context)


def _answer(text: str) -> Answer:
    return Answer(text, tokens=3, prompt_tokens=7, prompt_ends=0.9)


def test_an_answer_is_found_by_the_same_question_in_the_same_context() -> None:
    answers = AnswerCache(4)
    answers.keep(_asked("who", b"1"), _answer("Ann."))

    assert answers.find(_asked("who", b"1")) == _answer("Ann.")
    assert answers.find(_asked("who", b"2")) is None
    assert answers.find(_asked("whom", b"1")) is None


def test_a_later_answer_replaces_an_earlier_one() -> None:
    answers = AnswerCache(4)
    answers.keep(_asked("who"), _answer("Somebody else."))
    answers.keep(_asked("who"), _answer("Ann."))

    assert answers.find(_asked("who")) == _answer("Ann.")
    assert (len(answers), answers.size_bytes) == (1, len("whoAnn."))


def test_when_there_are_too_many_what_was_asked_for_longest_ago_goes() -> None:
    answers = AnswerCache(2)
    answers.keep(_asked("one"), _answer("1"))
    answers.keep(_asked("two"), _answer("2"))
    answers.find(_asked("one"))
    answers.keep(_asked("three"), _answer("3"))

    assert answers.find(_asked("two")) is None
    assert answers.find(_asked("one")) == _answer("1")
    assert answers.find(_asked("three")) == _answer("3")


def test_an_answer_is_given_for_a_day_however_often() -> None:
    clock = Clock()
    answers = AnswerCache(4, now_s=clock)
    answers.keep(_asked("who"), _answer("Ann."))

    clock.now_s += 0.9 * answer_cache.LIFETIME_S
    assert answers.find(_asked("who")) is not None
    clock.now_s += 0.1 * answer_cache.LIFETIME_S
    assert answers.find(_asked("who")) is None


def test_what_is_too_old_is_no_longer_in_memory_once_anything_is_asked() -> None:
    clock = Clock()
    answers = AnswerCache(4, now_s=clock)
    answers.keep(_asked("who"), _answer("Ann."))

    clock.now_s += answer_cache.LIFETIME_S
    answers.find(_asked("where"))

    assert (len(answers), answers.size_bytes) == (0, 0)


def test_an_answer_that_alone_is_too_long_is_not_kept_and_costs_no_other() -> None:
    answers = AnswerCache(4)
    answers.keep(_asked("who"), _answer("Ann."))
    answers.keep(_asked("what"), _answer("é" * (answer_cache.MOST_BYTES // 2)))

    assert answers.find(_asked("what")) is None
    assert answers.find(_asked("who")) == _answer("Ann.")


def test_nothing_is_left_when_it_is_cleared() -> None:
    answers = AnswerCache(4)
    answers.keep(_asked("who"), _answer("Ann."))
    answers.clear()

    assert answers.find(_asked("who")) is None
    assert (len(answers), answers.size_bytes) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 500_000)), max_size=12))
def test_it_never_holds_more_than_it_may(said: list[tuple[str, int]]) -> None:
    answers = AnswerCache(3)
    for question, length in said:
        answers.keep(_asked(question), _answer("x" * length))
        held = [one for name in "abcdef" if (one := answers.find(_asked(name)))]

        assert len(held) == len(answers) <= 3
        assert answers.size_bytes == sum(len(one.text) + 1 for one in held)
        assert answers.size_bytes <= answer_cache.MOST_BYTES
