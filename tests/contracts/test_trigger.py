"""What every push-to-talk key does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from heisenberg.wake.base import KeyEvent, Trigger
from heisenberg.wake.evdev_key import EvdevKey
from heisenberg.wake.pynput_key import PynputKey
from tests.fakes import display
from tests.fakes.display import x_display
from tests.fakes.keyboard import KEY_A, Keyboards
from tests.fakes.trigger import ScriptedTrigger

DOWN, UP = KeyEvent.DOWN, KeyEvent.UP


@dataclass(frozen=True)
class _Case:
    """A key, and the hand on it; ``hold`` presses it until it repeats itself."""

    trigger: Trigger
    press: Callable[[], None]
    hold: Callable[[], None]
    release: Callable[[], None]
    other_key: Callable[[], None]


@pytest_asyncio.fixture(
    params=[
        "fake",
        "evdev",
        pytest.param(
            "pynput",
            marks=pytest.mark.skipif(not display.is_available(), reason=display.MISSING),
        ),
    ]
)
async def case(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[_Case]:
    if request.param == "fake":
        fake = ScriptedTrigger()
        yield _Case(fake, fake.press, fake.press, fake.release, lambda: None)
        await fake.aclose()
    elif request.param == "evdev":
        keyboards = Keyboards(tmp_path, monkeypatch)
        keyboard = keyboards.plug()

        def hold() -> None:
            keyboard.press()
            keyboard.repeat()
            keyboard.repeat()

        evdev = await EvdevKey.open("F9", folder=tmp_path)
        yield _Case(evdev, keyboard.press, hold, keyboard.release, lambda: keyboard.press(KEY_A))
        await evdev.aclose()
        keyboards.unplug_all()
    else:
        with x_display(monkeypatch) as screen:
            pynput = await PynputKey.open("F9")
            yield _Case(
                pynput, screen.press, screen.hold, screen.release, lambda: screen.press("a")
            )
            await pynput.aclose()


async def _next(trigger: Trigger, count: int) -> list[KeyEvent]:
    events = aiter(trigger)
    async with asyncio.timeout(20):
        taken = [await anext(events) for _ in range(count)]
    await events.aclose()
    return taken


async def _rest(trigger: Trigger) -> list[KeyEvent]:
    async with asyncio.timeout(20):
        return [event async for event in trigger]


async def test_the_key_goes_down_and_up_as_often_as_it_is_pressed(case: _Case) -> None:
    for _ in range(2):
        await asyncio.to_thread(case.press)
        await asyncio.to_thread(case.release)
    assert await _next(case.trigger, 4) == [DOWN, UP, DOWN, UP]


async def test_a_held_key_that_repeats_itself_is_down_once(case: _Case) -> None:
    await asyncio.to_thread(case.hold)
    await asyncio.to_thread(case.release)
    await asyncio.to_thread(case.press)
    assert await _next(case.trigger, 3) == [DOWN, UP, DOWN]


async def test_other_keys_are_not_heard(case: _Case) -> None:
    await asyncio.to_thread(case.other_key)
    await asyncio.to_thread(case.press)
    assert await _next(case.trigger, 1) == [DOWN]
    await case.trigger.aclose()
    assert await _rest(case.trigger) == [UP]


async def test_closing_ends_a_running_iteration_and_lets_a_held_key_go(case: _Case) -> None:
    heard: list[KeyEvent] = []
    is_down = asyncio.Event()

    async def listen() -> None:
        async for event in case.trigger:
            heard.append(event)
            is_down.set()

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        await asyncio.to_thread(case.press)
        await is_down.wait()
        await case.trigger.aclose()
        await case.trigger.aclose()
        await listening
    assert heard == [DOWN, UP]
