"""A model that only knows what was evaluated stands in for the native one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.core.errors import EngineError
from heisenberg.llm.inprocess import prompt_cache
from heisenberg.llm.inprocess.llamacpp import BATCH_TOKENS, StopFlag
from heisenberg.llm.inprocess.prompt_cache import WORTH_KEEPING, Parked, PromptMemory, Question

SYSTEM = [1, 2, 3]


class Model:
    def __init__(self, *, rolls_back: bool) -> None:
        self.rolls_back = rolls_back
        self.holds: list[int] = []
        self.evaluated = 0
        self.abort_after: int | None = None
        self.fails = False
        self.asked: int | None = None

    def evaluate(self, tokens: Sequence[int], stop: StopFlag, *, ask_at: int | None = None) -> bool:
        assert 0 < len(tokens) <= BATCH_TOKENS
        self.asked = None if ask_at is None else len(self.holds) + ask_at
        if self.fails:
            self.holds.append(-1)
            raise EngineError("broken")
        if stop.is_set:
            # As native code does: part of what was asked for may be in.
            self.holds.extend(tokens[: self.abort_after])
            return False
        self.holds.extend(tokens)
        self.evaluated += len(tokens)
        return True

    def probability(self, asked_at: int, tokens: Sequence[int]) -> float:
        del asked_at
        assert self.asked is not None
        return self.holds[self.asked] + tokens[0] / 10

    def truncate(self, count: int) -> bool:
        if self.rolls_back:
            del self.holds[count:]
        return self.rolls_back

    def clear(self) -> None:
        self.holds = []

    def save(self) -> bytes:
        return bytes(self.holds)

    def restore(self, state: bytes) -> None:
        if self.fails:
            self.holds = [-1]
            raise EngineError("refused")
        self.holds = list(state)


def _evaluate(memory: PromptMemory, prompt: Sequence[int], constant: int) -> None:
    memory.begin(prompt, shared=(constant,))
    while not memory.ready:
        assert memory.advance(StopFlag())


def _memory(*, rolls_back: bool) -> tuple[Model, PromptMemory]:
    model = Model(rolls_back=rolls_back)
    return model, PromptMemory(model, rolls_back=rolls_back)


WORDS = st.lists(st.integers(4, 6), min_size=1, max_size=8)


@given(rolls_back=st.booleans(), turns=st.lists(st.tuples(WORDS, WORDS, st.booleans())))
def test_the_model_always_holds_exactly_the_prompt(
    rolls_back: bool, turns: list[tuple[list[int], list[int], bool]]
) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    for words, reply, stopped in turns:
        prompt = SYSTEM + words
        if stopped:
            stop = StopFlag()
            stop.set()
            model.abort_after = len(reply)
            memory.begin(prompt, shared=(len(SYSTEM),))
            assert not memory.advance(stop)
        _evaluate(memory, prompt, len(SYSTEM))
        assert model.holds == prompt
        for token in reply:
            assert memory.append(token, StopFlag())
        assert model.holds == prompt + reply


def test_a_model_that_rolls_back_keeps_the_longest_common_beginning() -> None:
    model, memory = _memory(rolls_back=True)
    _evaluate(memory, [1, 2, 3, 4, 5], 3)
    model.evaluated = 0

    _evaluate(memory, [1, 2, 3, 4, 6, 7], 3)

    assert model.evaluated == 2


def test_a_model_that_does_not_returns_to_the_end_of_the_system_prompt() -> None:
    model, memory = _memory(rolls_back=False)
    _evaluate(memory, [1, 2, 3, 4, 5], 3)
    model.evaluated = 0

    _evaluate(memory, [1, 2, 3, 4, 6, 7], 3)

    assert model.evaluated == 3
    assert model.holds == [1, 2, 3, 4, 6, 7]


def test_a_model_that_does_not_goes_on_where_the_prompt_goes_on() -> None:
    model, memory = _memory(rolls_back=False)
    _evaluate(memory, [1, 2, 3, 4, 5], 3)
    model.evaluated = 0

    _evaluate(memory, [1, 2, 3, 4, 5, 6, 7], 3)

    assert model.evaluated == 2


@pytest.mark.parametrize("rolls_back", [True, False])
def test_the_last_token_is_evaluated_again_for_a_prompt_that_is_held(rolls_back: bool) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    _evaluate(memory, [1, 2, 3, 4], 3)
    model.evaluated = 0

    _evaluate(memory, [1, 2, 3, 4], 3)

    assert model.evaluated == 1
    assert model.holds == [1, 2, 3, 4]


@pytest.mark.parametrize("rolls_back", [True, False])
def test_another_system_prompt_begins_anew(rolls_back: bool) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    _evaluate(memory, [1, 2, 3, 4], 3)

    _evaluate(memory, [7, 8, 4], 2)
    model.evaluated = 0
    _evaluate(memory, [7, 8, 5], 2)

    assert model.evaluated == 1
    assert model.holds == [7, 8, 5]


@pytest.mark.parametrize("rolls_back", [True, False])
def test_what_was_warmed_is_known(rolls_back: bool) -> None:
    _, memory = _memory(rolls_back=rolls_back)
    assert not memory.starts_with(SYSTEM)

    _evaluate(memory, SYSTEM, len(SYSTEM))
    assert memory.starts_with(SYSTEM)
    _evaluate(memory, [*SYSTEM, 4, 5], len(SYSTEM))

    assert memory.starts_with(SYSTEM)
    assert not memory.starts_with([1, 9])


def test_a_long_prompt_is_evaluated_in_batches() -> None:
    model, memory = _memory(rolls_back=True)
    memory.begin([1] * (2 * BATCH_TOKENS + 1), shared=())

    sizes = []
    while not memory.ready:
        before = model.evaluated
        assert memory.advance(StopFlag())
        sizes.append(model.evaluated - before)

    assert sizes == [BATCH_TOKENS, BATCH_TOKENS, 1]


@pytest.mark.parametrize("rolls_back", [True, False])
def test_a_failure_is_forgotten_with_everything_else(rolls_back: bool) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    _evaluate(memory, [1, 2, 3, 4], 3)
    model.fails = True
    with pytest.raises(EngineError):
        memory.append(5, StopFlag())
    model.fails = False

    _evaluate(memory, [1, 2, 3, 4, 5, 6], 3)

    assert model.holds == [1, 2, 3, 4, 5, 6]


def test_a_model_that_does_not_returns_to_the_end_of_the_history() -> None:
    model, memory = _memory(rolls_back=False)
    history = [*SYSTEM, 7, 8]
    for words in ([4, 5], [6]):
        model.evaluated = 0
        memory.begin([*history, *words], shared=(len(SYSTEM), len(history)))
        while not memory.ready:
            assert memory.advance(StopFlag())
        assert model.holds == [*history, *words]
    assert model.evaluated == 1


def test_a_shorter_history_goes_back_to_the_system_prompt() -> None:
    model, memory = _memory(rolls_back=False)
    for history in ([*SYSTEM, 7, 8], [*SYSTEM, 8]):
        model.evaluated = 0
        memory.begin([*history, 4], shared=(len(SYSTEM), len(history)))
        while not memory.ready:
            assert memory.advance(StopFlag())
    assert model.evaluated == 2


@pytest.mark.parametrize("rolls_back", [True, False])
def test_a_question_about_a_token_is_answered_however_often_it_is_asked(
    *, rolls_back: bool
) -> None:
    memory = PromptMemory(Model(rolls_back=rolls_back), rolls_back=rolls_back)
    prompt = [*SYSTEM, 4, 5, 6, 7]
    for _ in range(2):
        memory.begin(prompt, shared=(len(SYSTEM),), question=Question(4, (3,)))
        assert memory.answer is None
        while not memory.ready:
            assert memory.advance(StopFlag())
        assert memory.answer == pytest.approx(5.3)
    _evaluate(memory, [*prompt, 8], len(SYSTEM))
    assert memory.answer is None


@pytest.mark.parametrize("rolls_back", [True, False])
def test_a_saved_beginning_is_gone_on_from_again_and_again(rolls_back: bool) -> None:
    model, memory = _memory(rolls_back=rolls_back)

    memory.resume(SYSTEM, bytes(SYSTEM))
    assert memory.ready
    assert memory.starts_with(SYSTEM)
    for words in ([4, 5], [6]):
        _evaluate(memory, [*SYSTEM, *words], len(SYSTEM))
        assert model.holds == [*SYSTEM, *words]

    assert model.evaluated == 3


@pytest.mark.parametrize("rolls_back", [True, False])
def test_a_saved_beginning_that_is_refused_leaves_nothing(rolls_back: bool) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    model.fails = True
    with pytest.raises(EngineError):
        memory.resume(SYSTEM, bytes(SYSTEM))
    model.fails = False
    assert not memory.starts_with(SYSTEM)

    _evaluate(memory, [*SYSTEM, 4], len(SYSTEM))

    assert model.holds == [*SYSTEM, 4]
    assert model.evaluated == 4


@given(
    rolls_back=st.booleans(),
    steps=st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["evaluate", "stop", "append", "begin"]), WORDS
        ),
        max_size=40,
    ),
)
def test_several_conversations_in_turn_are_each_evaluated_as_if_alone(
    rolls_back: bool, steps: list[tuple[int, str, list[int]]]
) -> None:
    model, memory = _memory(rolls_back=rolls_back)
    stopped = StopFlag()
    stopped.set()
    wanted: dict[int, list[int]] = {}
    parked: dict[int, Parked] = {}
    current: int | None = None
    for who, act, words in steps:
        if who != current:
            if current is not None:
                parked[current] = memory.park()
            if who in parked:
                memory.unpark(parked.pop(who))
            current = who
        if act == "begin" or who not in wanted:
            wanted[who] = [*SYSTEM, who + 10, *words]
            memory.begin(wanted[who], shared=(len(SYSTEM), len(SYSTEM) + 1))
        elif act == "append" and memory.ready:
            wanted[who] = [*wanted[who], *words[:1]]
            assert memory.append(words[0], StopFlag())
        elif act == "stop" and not memory.ready:
            model.abort_after = 1
            assert not memory.advance(stopped)
        elif not memory.ready:
            assert memory.advance(StopFlag())
        assert model.holds == list(memory.held) == wanted[who][: len(memory.held)]
        assert memory.ready == (list(memory.held) == wanted[who])


def test_what_a_long_prompt_leaves_behind_is_returned_to() -> None:
    model, memory = _memory(rolls_back=True)
    first = [1] + [2] * (2 * WORTH_KEEPING)
    other = [3] * (2 * WORTH_KEEPING)
    _evaluate(memory, first, 1)
    _evaluate(memory, other, 1)
    model.evaluated = 0

    _evaluate(memory, [*first, 9], 1)
    _evaluate(memory, [*other, 9], 1)

    assert model.evaluated == 2
    assert model.holds == [*other, 9]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3 * WORTH_KEEPING)), max_size=30))
def test_with_little_room_for_copies_every_prompt_is_evaluated_all_the_same(
    prompts: list[tuple[int, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(prompt_cache, "SNAPSHOT_BYTES", 5 * WORTH_KEEPING)
        model, memory = _memory(rolls_back=True)
        for who, length in prompts:
            prompt = [who] * length + [9]
            _evaluate(memory, prompt, 1)
            assert model.holds == prompt


def test_copies_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_cache, "SNAPSHOT_BYTES", 5 * WORTH_KEEPING)
    model, memory = _memory(rolls_back=True)
    for number in range(9):
        _evaluate(memory, [number] * (2 * WORTH_KEEPING), 1)
    model.evaluated = 0

    _evaluate(memory, [*[7] * (2 * WORTH_KEEPING), 1], 1)
    assert model.evaluated == 1
    _evaluate(memory, [*[0] * (2 * WORTH_KEEPING), 1], 1)
    assert model.evaluated == 2 + 2 * WORTH_KEEPING


@pytest.mark.parametrize("rolls_back", [True, False])
def test_what_is_pinned_outlives_everything_else(
    monkeypatch: pytest.MonkeyPatch, rolls_back: bool
) -> None:
    size = 2 * WORTH_KEEPING
    monkeypatch.setattr(prompt_cache, "SNAPSHOT_BYTES", 3 * size)
    model = Model(rolls_back=rolls_back)
    memory = PromptMemory(model, rolls_back=rolls_back)
    pinned = [9] * size
    _evaluate(memory, pinned, size)
    memory.pin()
    for number in range(6):
        _evaluate(memory, [number] * size, size)
    assert memory.starts_with(pinned)
    before = model.evaluated
    _evaluate(memory, [*pinned, 5, 6, 7], size)
    assert model.evaluated - before <= 4
    assert model.holds == [*pinned, 5, 6, 7]
