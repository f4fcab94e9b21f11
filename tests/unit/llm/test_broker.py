"""Who works with the model, and in what order: everybody writes down each of their steps."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from heisenberg.core.aio import cancel_and_wait
from heisenberg.llm.base import Rank
from heisenberg.llm.broker import LENT_AFTER_S, SLICE_STEPS, Broker, Hold


class Model:
    """What was done with it, in order: a name for a step, and what happens to a name."""

    def __init__(self) -> None:
        self.broker = Broker()
        self.log: list[str] = []

    def hold(self, name: str, rank: Rank) -> Hold:
        async def park() -> None:
            self.log.append(f"{name} parked")
            await asyncio.sleep(0)

        return Hold(rank, park, lambda: self.log.append(f"{name} hurried"))

    async def work(self, name: str, rank: Rank, steps: int) -> None:
        hold = self.hold(name, rank)
        async with self.broker.granted(hold):
            for _ in range(steps):
                await self.broker.step(hold)
                self.log.append(name)
                await asyncio.sleep(0)

    def grouped(self) -> list[tuple[str, int]]:
        return [(name, len(list(steps))) for name, steps in itertools.groupby(self.log)]


@pytest.fixture
def model() -> Model:
    return Model()


async def _ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_works_at_a_time_in_the_order_of_coming(model: Model) -> None:
    await asyncio.gather(*(model.work(name, Rank.API, 3) for name in "abc"))

    assert model.grouped() == [("a", 3), ("b", 3), ("c", 3)]


async def test_those_who_wait_are_served_by_rank(model: Model) -> None:
    ranks = {"first": Rank.API, "late": Rank.COMPRESSION, "program": Rank.API, "draft": Rank.DRAFT}
    hold = model.hold("busy", Rank.VOICE)
    async with asyncio.TaskGroup() as group, model.broker.granted(hold):
        for name, rank in ranks.items():
            group.create_task(model.work(name, rank, 1))
        await _ticks(3)
        assert model.log == []

    assert model.log == ["draft", "first", "program", "late"]


async def test_a_voice_goes_between_two_steps_of_a_program(model: Model) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(model.work("program", Rank.API, 20))
        await _ticks(4)
        group.create_task(model.work("voice", Rank.VOICE, 4))

    names = [name for name, _ in model.grouped()]
    assert names == ["program", "program hurried", "program parked", "voice", "program"]
    assert model.log.count("program") == 20
    assert model.log.count("voice") == 4


async def test_a_program_does_not_interrupt_a_voice(model: Model) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(model.work("voice", Rank.VOICE, 3 * SLICE_STEPS))
        await _ticks(2)
        group.create_task(model.work("program", Rank.API, 1))

    assert model.grouped() == [("voice", 3 * SLICE_STEPS), ("program", 1)]


async def test_two_of_a_rank_take_turns(model: Model) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(model.work("a", Rank.API, 2 * SLICE_STEPS))
        group.create_task(model.work("b", Rank.API, 2 * SLICE_STEPS))

    assert model.grouped() == [
        ("a", SLICE_STEPS),
        ("a parked", 1),
        ("b", SLICE_STEPS),
        ("b parked", 1),
        ("a", SLICE_STEPS),
        ("b", SLICE_STEPS),
    ]


async def test_who_no_longer_waits_is_not_waited_for(model: Model) -> None:
    hold = model.hold("busy", Rank.VOICE)
    async with model.broker.granted(hold):
        gone = asyncio.create_task(model.work("gone", Rank.VOICE, 1))
        stays = asyncio.create_task(model.work("stays", Rank.API, 1))
        await _ticks(2)
        await cancel_and_wait(gone)
    await stays

    assert model.log == ["stays"]


async def test_who_is_cancelled_just_as_they_are_granted_passes_it_on(model: Model) -> None:
    hold = model.hold("busy", Rank.VOICE)
    async with model.broker.granted(hold):
        gone = asyncio.create_task(model.work("gone", Rank.VOICE, 1))
        stays = asyncio.create_task(model.work("stays", Rank.API, 1))
        await _ticks(2)
    gone.cancel()
    await asyncio.wait_for(stays, 1.0)
    await asyncio.wait([gone])

    assert model.log == ["stays"]


async def test_who_fails_passes_it_on(model: Model) -> None:
    with pytest.raises(ValueError, match="broken"):
        async with model.broker.granted(model.hold("fails", Rank.VOICE)):
            raise ValueError("broken")
    await model.work("next", Rank.COMPRESSION, 1)

    assert model.log == ["next"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lets the loop's time run ahead."""
    return Clock(monkeypatch)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._ahead_s = 0.0

    async def pass_s(self, seconds: float) -> None:
        self._ahead_s += seconds
        loop = asyncio.get_running_loop()
        before, ahead = type(loop).time, self._ahead_s
        self._patch.setattr(loop, "time", lambda: before(loop) + ahead)
        await _ticks(3)


@asynccontextmanager
async def _resting_voice(model: Model) -> AsyncIterator[Hold]:
    """A voice that has done a step, and whose reply is not read on."""
    hold = model.hold("voice", Rank.VOICE)
    async with model.broker.granted(hold):
        await model.broker.step(hold)
        model.log.append("voice")
        model.broker.rest(hold)
        yield hold


async def test_who_rests_lends_the_model_even_to_a_lower_rank(model: Model, clock: Clock) -> None:
    async with _resting_voice(model):
        program = asyncio.create_task(model.work("program", Rank.API, 2))
        await _ticks(3)
        assert model.log == ["voice"]
        await clock.pass_s(LENT_AFTER_S)
        await program

    assert model.log == ["voice", "voice parked", "program", "program"]


async def test_who_comes_back_has_it_again_at_once(model: Model, clock: Clock) -> None:
    async with _resting_voice(model) as hold:
        await clock.pass_s(LENT_AFTER_S)
        program = asyncio.create_task(model.work("program", Rank.API, 50))
        await _ticks(5)
        await model.broker.step(hold)
        model.log.append("voice")
    await program

    names = [name for name, _ in model.grouped()]
    assert names == [
        "voice",
        "voice parked",
        "program",
        "program hurried",
        "program parked",
        "voice",
        "program",
    ]


async def test_who_lent_it_and_is_done_leaves_it_where_it_is(model: Model, clock: Clock) -> None:
    async with _resting_voice(model):
        await clock.pass_s(LENT_AFTER_S)
        program = asyncio.create_task(model.work("program", Rank.API, 3))
        await _ticks(4)
    await program

    assert model.grouped() == [("voice", 1), ("voice parked", 1), ("program", 3)]


async def test_what_a_cancelled_borrower_did_not_finish_parking_the_next_one_parks(
    model: Model, clock: Clock
) -> None:
    async with _resting_voice(model):
        await clock.pass_s(LENT_AFTER_S)
        gone = asyncio.create_task(model.work("gone", Rank.API, 1))
        stays = asyncio.create_task(model.work("stays", Rank.API, 1))
        await _ticks(1)
        gone.cancel()
        await asyncio.wait([gone])
        await stays

    assert model.log == ["voice", "voice parked", "voice parked", "stays"]
