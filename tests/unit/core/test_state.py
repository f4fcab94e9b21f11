"""The state machine under every sequence of triggers."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.core.state import State, StateMachine, Trigger

IDLE, LISTENING, THINKING, SPEAKING = State

FOLLOWED_UP = (Trigger.PLAYBACK_END, Trigger.NOTHING_TO_SAY)
MOVES = {
    (IDLE, Trigger.WAKE): LISTENING,
    (IDLE, Trigger.PTT_DOWN): LISTENING,
    (IDLE, Trigger.ANNOUNCE): SPEAKING,
    (LISTENING, Trigger.SPEECH_END): THINKING,
    (LISTENING, Trigger.PTT_UP): THINKING,
    (LISTENING, Trigger.NOTHING_HEARD): IDLE,
    (LISTENING, Trigger.CANCEL): IDLE,
    (THINKING, Trigger.FIRST_AUDIO): SPEAKING,
    (THINKING, Trigger.NOTHING_TO_SAY): IDLE,
    (THINKING, Trigger.CANCEL): IDLE,
    (THINKING, Trigger.FAILED): SPEAKING,
    (THINKING, Trigger.BARGE_IN): LISTENING,
    (THINKING, Trigger.PTT_DOWN): LISTENING,
    (SPEAKING, Trigger.BARGE_IN): LISTENING,
    (SPEAKING, Trigger.PTT_DOWN): LISTENING,
    (SPEAKING, Trigger.PLAYBACK_END): IDLE,
    (SPEAKING, Trigger.CANCEL): IDLE,
    (SPEAKING, Trigger.FAILED): IDLE,
}


@given(st.lists(st.tuples(st.sampled_from(Trigger), st.booleans()), max_size=40))
def test_every_sequence_of_triggers_follows_the_table(steps: list[tuple[Trigger, bool]]) -> None:
    async def scenario() -> None:
        seen: list[tuple[State, State, Trigger]] = []
        machine = StateMachine(lambda *move: seen.append(move))
        expected_moves = []
        for trigger, follow_up in steps:
            before = machine.state
            expected = MOVES.get((before, trigger))
            if trigger in FOLLOWED_UP and expected is not None and follow_up:
                expected = LISTENING
            moved = await machine.fire(trigger, follow_up=follow_up)
            assert moved is (expected is not None)
            assert machine.state is (expected or before)
            if expected is not None:
                expected_moves.append((before, expected, trigger))
        assert seen == expected_moves

    asyncio.run(scenario())


async def test_triggers_fired_at_once_happen_one_after_the_other() -> None:
    seen: list[Trigger] = []
    machine = StateMachine(lambda _before, _after, trigger: seen.append(trigger))
    sequence = (Trigger.WAKE, Trigger.SPEECH_END, Trigger.FIRST_AUDIO, Trigger.PLAYBACK_END)
    moved = await asyncio.gather(*(machine.fire(trigger) for trigger in sequence))
    assert moved == [True] * 4
    assert seen == list(sequence)
    assert machine.state is IDLE


@pytest.mark.parametrize("trigger", [Trigger.WAKE, Trigger.PLAYBACK_END])
async def test_a_cancellation_around_a_trigger_is_never_lost(
    trigger: Trigger, caplog: pytest.LogCaptureFixture
) -> None:
    machine = StateMachine(lambda *_move: None)
    if trigger is Trigger.PLAYBACK_END:
        await machine.fire(Trigger.ANNOUNCE)
    went_on = False

    async def fire() -> None:
        nonlocal went_on
        await machine.fire(trigger, follow_up=True)
        await asyncio.sleep(0)
        went_on = True

    task = asyncio.create_task(fire())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on
    assert not caplog.records, "it is no error"
