"""The search for the best numbers of threads, on a machine whose times are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from heisenberg.bench.turns.thread_search import ROUNDS, WORTH_IT, Comparison, Found, find_plan
from heisenberg.core.errors import TurnError
from heisenberg.store.thread_plan import Part, ThreadPlan

USUAL = ThreadPlan(stt=2, llm=2, tts=2)
TWO_CORES: dict[Part, range] = {"stt": range(1, 3), "llm": range(1, 3), "tts": range(1, 3)}
EIGHT_CORES: dict[Part, range] = {"stt": range(1, 9), "llm": range(1, 9), "tts": range(1, 9)}

Times = Callable[[ThreadPlan, int], float | None]


class Machine:
    """A ``Meter`` that takes as long as ``times`` says; ``asked`` keeps what was asked of whom.

    Only what was prepared last may be asked.
    """

    def __init__(self, times: Times) -> None:
        self._times = times
        self._ready: tuple[ThreadPlan, ...] = ()
        self.asked: list[tuple[ThreadPlan, int]] = []

    async def prepare(self, *plans: ThreadPlan) -> None:
        self._ready = plans

    async def first_sound_s(self, plan: ThreadPlan, question: int) -> float | None:
        assert plan in self._ready
        self.asked.append((plan, question))
        return self._times(plan, question)


async def found_with(
    times: Times,
    candidates: dict[Part, range] | None = None,
    usual: ThreadPlan = USUAL,
    questions: int = 6,
) -> tuple[Found, Machine, list[Comparison]]:
    machine = Machine(times)
    compared: list[Comparison] = []
    found = await find_plan(
        machine,
        usual,
        candidates or TWO_CORES,
        questions=questions,
        on_comparison=compared.append,
    )
    return found, machine, compared


async def test_a_recogniser_that_leaves_a_core_to_others_is_found() -> None:
    found, _, _ = await found_with(
        lambda plan, question: (0.66 if plan.stt == 1 else 0.72) + 0.1 * question
    )
    assert found.plan == ThreadPlan(stt=1, llm=2, tts=2)
    assert found.usual == USUAL
    assert found.plan_s < found.usual_s
    assert found.ratio < 1 - WORTH_IT


async def test_the_best_of_many_is_found_in_every_part() -> None:
    best = {"stt": 3, "llm": 6, "tts": 1}
    usual = ThreadPlan(stt=4, llm=8, tts=2)
    found, _, _ = await found_with(
        lambda plan, _question: (
            0.3
            + 0.03 * abs(plan.stt - best["stt"])
            + 0.02 * abs(plan.llm - best["llm"])
            + 0.05 * abs(plan.tts - best["tts"])
        ),
        EIGHT_CORES,
        usual,
    )
    assert found.plan == ThreadPlan(**best)


async def test_parts_that_depend_on_each_other_are_looked_at_twice() -> None:
    """The recogniser with one thread pays only once the voice has one as well."""

    def times(plan: ThreadPlan, _question: int) -> float:
        if plan.tts == 2:
            return 1.0
        return 0.8 if plan.stt == 1 else 0.9

    found, _, _ = await found_with(times)
    assert found.plan == ThreadPlan(stt=1, llm=2, tts=1)


async def test_what_gains_three_percent_or_less_does_not_replace_the_usual() -> None:
    found, _, compared = await found_with(lambda plan, _question: 0.97 if plan.stt == 1 else 1.0)
    assert found.plan == USUAL
    assert (found.plan_s, found.ratio) == (found.usual_s, 1.0) == (1.0, 1.0)
    assert [one.is_won for one in compared] == [False, False, False]


async def test_both_are_asked_the_same_question_one_right_after_the_other() -> None:
    _, machine, _ = await found_with(lambda _plan, _question: 1.0)
    pairs = [machine.asked[at : at + 2] for at in range(0, len(machine.asked), 2)]
    for (one, question), (other, same) in pairs:
        assert question == same
        assert one != other
    assert len({pair[0][0] for pair in pairs[:6]}) == 2  # neither always goes first


async def test_a_machine_that_becomes_slow_meanwhile_does_not_decide() -> None:
    """The second half of all questions takes three times as long for everybody."""
    found, _, _ = await found_with(
        lambda plan, question: (0.9 if plan.llm == 1 else 1.0) * (3.0 if question > 2 else 1.0)
    )
    assert found.plan == ThreadPlan(stt=2, llm=1, tts=2)
    assert found.ratio == pytest.approx(0.9)


async def test_what_was_lucky_once_is_not_taken() -> None:
    seen: dict[ThreadPlan, int] = {}

    def times(plan: ThreadPlan, _question: int) -> float:
        seen[plan] = seen.get(plan, 0) + 1
        return 0.8 if plan.stt == 1 and seen[plan] <= ROUNDS * 6 and plan.llm == 2 else 1.0

    found, machine, _ = await found_with(times)
    assert any(plan.stt == 1 for plan, _ in machine.asked)
    assert found.plan == USUAL


async def test_what_is_much_slower_is_not_asked_all_questions() -> None:
    _, machine, _ = await found_with(
        lambda plan, _question: 2.0 if plan.llm == 1 else 1.0, questions=12
    )
    slow = [question for plan, question in machine.asked if plan.llm == 1]
    assert 0 < len(slow) < 12
    usual = [question for plan, question in machine.asked if plan == USUAL]
    assert len(usual) > 2 * ROUNDS * 12


async def test_a_part_without_candidates_stays_as_it_is() -> None:
    candidates: dict[Part, range] = {**TWO_CORES, "stt": range(0)}
    found, machine, _ = await found_with(
        lambda plan, _question: float(plan.stt + plan.llm + plan.tts), candidates
    )
    assert found.plan == ThreadPlan(stt=2, llm=1, tts=1)
    assert {plan.stt for plan, _ in machine.asked} == {2}


async def test_one_core_has_nothing_to_compare_but_is_measured() -> None:
    one: dict[Part, range] = {"stt": range(1, 2), "llm": range(1, 2), "tts": range(1, 2)}
    found, _, compared = await found_with(lambda _plan, _question: 1.5, one, ThreadPlan(1, 1, 1))
    assert compared == []
    assert (found.plan_s, found.usual_s) == (1.5, 1.5)
    assert [trial.first_sound_s for trial in found.trials] == [1.5] * 6


async def test_a_question_that_one_of_both_did_not_answer_does_not_count() -> None:
    def times(plan: ThreadPlan, question: int) -> float | None:
        if plan.stt == 1:
            return None if question == 0 else 0.8
        return 9.0 if question == 0 else 1.0

    found, _, _ = await found_with(times)
    assert found.plan == ThreadPlan(stt=1, llm=2, tts=2)
    assert (found.plan_s, found.usual_s) == (0.8, 1.0)


async def test_no_answer_at_all_is_an_error() -> None:
    with pytest.raises(TurnError, match="No question was answered"):
        await found_with(lambda _plan, _question: None)
