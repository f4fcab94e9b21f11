"""Channels, engine threads, and endings that are complete."""

from __future__ import annotations

import asyncio
import threading

import pytest

from heisenberg.core.aio import Channel, EngineThread, cancel_and_wait, finish, task_group


async def test_a_channel_makes_the_writer_wait_for_the_reader_and_ends() -> None:
    channel: Channel[int] = Channel(2)
    sent: list[int] = []

    async def write() -> None:
        for number in range(5):
            await channel.send(number)
            sent.append(number)
        await channel.close()

    writer = asyncio.create_task(write())
    for _ in range(10):
        await asyncio.sleep(0)
    assert sent == [0, 1]
    assert [item async for item in channel] == [0, 1, 2, 3, 4]
    await writer


async def test_an_engine_runs_everything_on_one_thread_in_order() -> None:
    engine = EngineThread("test")
    names = await asyncio.gather(
        *(engine.run(lambda: threading.current_thread().name) for _ in range(3))
    )
    closed_on: list[str] = []
    await engine.aclose(lambda: closed_on.append(threading.current_thread().name))
    assert len({*names, *closed_on}) == 1


async def test_cancelling_a_native_call_returns_at_once_and_the_next_call_waits_for_it() -> None:
    engine = EngineThread("test")
    may_end = threading.Event()
    order: list[str] = []

    def native() -> None:
        may_end.wait(10)
        order.append("first")

    first = asyncio.create_task(engine.run(native))
    await asyncio.sleep(0)
    await cancel_and_wait(first)
    assert order == []
    was_busy = engine.is_busy
    second = asyncio.create_task(engine.run(lambda: order.append("second")))
    may_end.set()
    await second
    assert order == ["first", "second"]
    assert (was_busy, engine.is_busy) == (True, False)
    await engine.aclose()


async def test_an_ending_is_completed_even_when_the_caller_is_cancelled() -> None:
    gate = asyncio.Event()
    ended: list[str] = []

    async def ending() -> None:
        await gate.wait()
        ended.append("ended")

    caller = asyncio.create_task(finish(asyncio.ensure_future(ending())))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)
    assert not caller.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended == ["ended"]


async def test_finish_raises_what_the_ending_raised() -> None:
    async def ending() -> None:
        raise ValueError("no end")

    with pytest.raises(ValueError, match="no end"):
        await finish(asyncio.ensure_future(ending()))


async def test_a_task_group_raises_the_failure_itself_and_ends_the_others() -> None:
    cancelled: list[str] = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append("waiting")

    async def failing() -> None:
        await asyncio.sleep(0)
        raise KeyError("the cause")

    with pytest.raises(KeyError, match="the cause"):
        async with task_group() as group:
            group.create_task(waiting())
            group.create_task(failing())
    assert cancelled == ["waiting"]
