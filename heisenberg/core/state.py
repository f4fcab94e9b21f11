"""The state machine of a room: IDLE, LISTENING, THINKING, SPEAKING.

The only module that knows the ``transitions`` library. It has no callbacks, and one
trigger runs at a time, because the library cancels, swallows or reorders otherwise
(docs/adr/0002-state-machine.md; tests/unit/core/test_transitions_library.py pins what it does).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from transitions.extensions.asyncio import AsyncMachine

# It reports a cancelled task as an error; without callbacks there is no other error to report.
logging.getLogger("transitions").setLevel(logging.CRITICAL)


class State(StrEnum):
    """What a room is doing."""

    IDLE = "IDLE"
    LISTENING = "LISTENING"
    THINKING = "THINKING"
    SPEAKING = "SPEAKING"


class Trigger(StrEnum):
    """What can move a room from one state to another."""

    WAKE = "wake"
    PTT_DOWN = "ptt_down"
    PTT_UP = "ptt_up"
    ANNOUNCE = "announce"
    SPEECH_END = "speech_end"
    NOTHING_HEARD = "nothing_heard"
    FIRST_AUDIO = "first_audio"
    NOTHING_TO_SAY = "nothing_to_say"
    PLAYBACK_END = "playback_end"
    BARGE_IN = "barge_in"
    CANCEL = "cancel"
    FAILED = "failed"


_TABLE: Final[tuple[tuple[Trigger, tuple[State, ...], State], ...]] = (
    (Trigger.WAKE, (State.IDLE,), State.LISTENING),
    (Trigger.PTT_DOWN, (State.IDLE, State.THINKING, State.SPEAKING), State.LISTENING),
    (Trigger.ANNOUNCE, (State.IDLE,), State.SPEAKING),
    (Trigger.SPEECH_END, (State.LISTENING,), State.THINKING),
    (Trigger.PTT_UP, (State.LISTENING,), State.THINKING),
    (Trigger.NOTHING_HEARD, (State.LISTENING,), State.IDLE),
    (Trigger.FIRST_AUDIO, (State.THINKING,), State.SPEAKING),
    (Trigger.NOTHING_TO_SAY, (State.THINKING,), State.IDLE),
    (Trigger.FAILED, (State.THINKING,), State.SPEAKING),
    (Trigger.FAILED, (State.SPEAKING,), State.IDLE),
    (Trigger.BARGE_IN, (State.THINKING, State.SPEAKING), State.LISTENING),
    (Trigger.PLAYBACK_END, (State.SPEAKING,), State.IDLE),
    (Trigger.CANCEL, (State.LISTENING, State.THINKING, State.SPEAKING), State.IDLE),
)


class StateMachine:
    """Starts IDLE. ``on_change(from, to, trigger)`` is told of every move, at once."""

    def __init__(self, on_change: Callable[[State, State, Trigger], None]) -> None:
        self._on_change = on_change
        self._one_at_a_time = asyncio.Lock()
        self._model = _Model()
        self._machine = AsyncMachine(
            model=self._model,
            states=[state.value for state in State],
            initial=State.IDLE.value,
            auto_transitions=False,
            ignore_invalid_triggers=True,
        )
        for trigger, source in (
            (Trigger.PLAYBACK_END, State.SPEAKING),
            (Trigger.NOTHING_TO_SAY, State.THINKING),
        ):
            self._machine.add_transition(
                trigger.value, source.value, State.LISTENING.value, conditions="follow_up"
            )
        for trigger, sources, target in _TABLE:
            self._machine.add_transition(
                trigger.value, [state.value for state in sources], target.value
            )
        self._trigger: Callable[[str], Awaitable[bool]] = vars(self._model)["trigger"]

    @property
    def state(self) -> State:
        return State(self._model.state)

    async def fire(self, trigger: Trigger, *, follow_up: bool = False) -> bool:
        """Move, if ``trigger`` moves the present state; say whether it did.

        ``follow_up`` lets PLAYBACK_END and NOTHING_TO_SAY lead to LISTENING instead of IDLE. A
        cancellation of the calling task is raised here, whatever the library makes of it.
        """
        task = asyncio.current_task()
        requested = task.cancelling() if task else 0
        async with self._one_at_a_time:
            self._model.follow_up = follow_up
            before = self.state
            moved = bool(await self._trigger(trigger.value))
            after = self.state
        if moved:
            self._on_change(before, after, trigger)
        if task and task.cancelling() > requested:
            raise asyncio.CancelledError
        return moved


class _Model:
    """What the library keeps its state on."""

    state: str = State.IDLE.value
    follow_up: bool = False
