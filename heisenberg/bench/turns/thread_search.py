"""Which numbers of threads answer soonest: one part after the other, always two plans in turns.

What is compared is asked the same question one right after the other, so that whatever else the
machine does at that time slows both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final, Protocol

from heisenberg.core.errors import TurnError
from heisenberg.store.thread_plan import PARTS, Part, ThreadPlan

WORTH_IT: Final = 0.03
"""A number of threads replaces the present one when the first sound comes sooner by more."""

MOST_CANDIDATES: Final = 8
ROUNDS: Final = 3
"""How often two plans are asked each question: on a shared machine single turns scatter by 6 %."""

_SWEEPS: Final = 2
_HOPELESS: Final = 1.1
"""What takes so much longer in the first ``_FIRST_LOOK`` comparisons is not asked any more."""
_FIRST_LOOK: Final = 4


class Meter(Protocol):
    """Takes whole turns with given numbers of threads."""

    async def prepare(self, *plans: ThreadPlan) -> None:
        """Load what ``plans`` need, ready to answer, and nothing else."""
        ...

    async def first_sound_s(self, plan: ThreadPlan, question: int) -> float | None:
        """Seconds from the end of a question to the first sound; ``None`` without an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One question asked of one plan; without an answer there is no first sound."""

    plan: ThreadPlan
    question: int
    first_sound_s: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans on the same questions; medians of those that both answered.

    ``ratio`` is the median over the questions of how long ``other`` took against ``present``.
    """

    present: ThreadPlan
    other: ThreadPlan
    present_s: float
    other_s: float
    ratio: float

    @property
    def is_won(self) -> bool:
        """Whether ``other`` is to replace ``present``."""
        return self.ratio < 1.0 - WORTH_IT


@dataclass(frozen=True, slots=True)
class Found:
    """The plan that answers soonest, beside the usual one; ``ratio`` is theirs."""

    usual: ThreadPlan
    plan: ThreadPlan
    usual_s: float
    plan_s: float
    ratio: float
    trials: tuple[Trial, ...]


OnComparison = Callable[[Comparison], Any]


async def find_plan(
    meter: Meter,
    usual: ThreadPlan,
    candidates: Mapping[Part, Sequence[int]],
    *,
    questions: int,
    on_comparison: OnComparison = lambda _one: None,
) -> Found:
    """The best plan that differs from ``usual`` by ``candidates`` of one part after the other.

    At the end it is held against ``usual`` once more, which stays unless it is beaten again: among
    many candidates one may have been lucky. Raises ``TurnError`` when nothing was answered.
    """
    search = _Search(meter, questions, on_comparison)
    plan = await search.descend(usual, candidates)
    if plan != usual:
        last = await search.compare(usual, plan)
        if last.is_won:
            trials = tuple(search.trials)
            return Found(usual, plan, last.present_s, last.other_s, last.ratio, trials)
    usual_s = await search.alone_s(usual)
    return Found(usual, usual, usual_s, usual_s, 1.0, tuple(search.trials))


class _Search:
    def __init__(self, meter: Meter, questions: int, on_comparison: OnComparison) -> None:
        self._meter = meter
        self._questions = questions
        self._on_comparison = on_comparison
        self.trials: list[Trial] = []

    async def descend(
        self, present: ThreadPlan, candidates: Mapping[Part, Sequence[int]]
    ) -> ThreadPlan:
        """Improve one part after the other, again while that changes anything."""
        compared: set[tuple[ThreadPlan, ThreadPlan]] = set()
        for _ in range(_SWEEPS):
            before = present
            for part in PARTS:
                for count in candidates[part]:
                    other = _with(present, part, count)
                    pair = (present, other)
                    if other == present or pair in compared or pair[::-1] in compared:
                        continue
                    compared.add(pair)
                    if (await self.compare(*pair)).is_won:
                        present = other
            if present == before:
                break
        return present

    async def compare(self, present: ThreadPlan, other: ThreadPlan) -> Comparison:
        await self._meter.prepare(present, other)
        pairs: list[tuple[float, float]] = []
        for number in range(ROUNDS * self._questions):
            again, question = divmod(number, self._questions)
            # Who is asked first changes: the second one may profit from the first.
            order = (present, other) if (again + question) % 2 == 0 else (other, present)
            took_s = {plan: await self._ask(plan, question) for plan in order}
            present_s, other_s = took_s[present], took_s[other]
            if present_s is not None and other_s is not None:
                pairs.append((present_s, other_s))
            if number + 1 == _FIRST_LOOK and pairs and _ratio(pairs) > _HOPELESS:
                break
        if not pairs:
            raise _no_answer()
        ones, others = zip(*pairs, strict=True)
        found = Comparison(present, other, median(ones), median(others), _ratio(pairs))
        self._on_comparison(found)
        return found

    async def alone_s(self, plan: ThreadPlan) -> float:
        """The median of ``plan`` in all its trials; it is asked now if it never was."""
        if not any(trial.plan == plan for trial in self.trials):
            await self._meter.prepare(plan)
            for question in range(self._questions):
                await self._ask(plan, question)
        trials = [trial.first_sound_s for trial in self.trials if trial.plan == plan]
        answered = [took_s for took_s in trials if took_s is not None]
        if not answered:
            raise _no_answer()
        return median(answered)

    async def _ask(self, plan: ThreadPlan, question: int) -> float | None:
        took_s = await self._meter.first_sound_s(plan, question)
        self.trials.append(Trial(plan, question, took_s))
        return took_s


def _with(plan: ThreadPlan, part: Part, count: int) -> ThreadPlan:
    if part == "stt":
        return replace(plan, stt=count)
    return replace(plan, llm=count) if part == "llm" else replace(plan, tts=count)


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return median(other_s / present_s for present_s, other_s in pairs)


def _no_answer() -> TurnError:
    return TurnError("No question was answered.", "Ask one with 'heisenberg demo'.")
