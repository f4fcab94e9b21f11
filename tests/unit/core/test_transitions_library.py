"""What the transitions library does that core/state.py works around.

When one of these fails after an update, the precautions there can be looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from transitions.extensions.asyncio import AsyncMachine


class _Model:
    state: str


def _machine(*, queued: bool, before: list[Callable[[], Any]]) -> Any:
    model = _Model()
    AsyncMachine(
        model=model,
        states=["a", "b", "c"],
        initial="a",
        auto_transitions=False,
        ignore_invalid_triggers=True,
        queued=queued,
        transitions=[
            {"trigger": "go", "source": "a", "dest": "b", "before": before},
            {"trigger": "on", "source": ["a", "b"], "dest": "c"},
        ],
    )
    return model


async def test_it_swallows_the_cancellation_of_a_task_inside_a_trigger() -> None:
    model = _machine(queued=False, before=[asyncio.Event().wait])
    results: list[object] = []

    async def go() -> None:
        results.append(await model.go())
        results.append("went on")

    task = asyncio.create_task(go())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await task
    assert results == [False, "went on"]


async def test_a_second_trigger_cancels_the_task_of_the_first() -> None:
    model = _machine(queued=False, before=[asyncio.Event().wait])
    first = asyncio.create_task(model.go())
    for _ in range(3):
        await asyncio.sleep(0)
    assert await model.on() is True
    assert await first is False
    assert model.state == "c"


async def test_when_queued_a_second_trigger_says_true_before_it_has_happened() -> None:
    gate = asyncio.Event()
    model = _machine(queued=True, before=[gate.wait])
    first = asyncio.create_task(model.go())
    for _ in range(3):
        await asyncio.sleep(0)
    assert await model.on() is True
    assert model.state == "a"
    gate.set()
    await first
    assert model.state == "c"


async def test_callbacks_of_one_hook_run_at_the_same_time() -> None:
    order: list[str] = []

    async def slow() -> None:
        order.append("slow begins")
        await asyncio.sleep(0)
        order.append("slow ends")

    async def quick() -> None:
        order.append("quick")

    await _machine(queued=False, before=[slow, quick]).go()
    assert order == ["slow begins", "quick", "slow ends"]
