"""Several hands on one button."""

from __future__ import annotations

import asyncio

import pytest

from heisenberg.core.errors import EngineError, HeisenbergError
from heisenberg.wake.trigger import PushToTalk, follow_key
from tests.fakes.trigger import ScriptedButton, ScriptedTrigger


def _no_error(error: HeisenbergError) -> None:
    pytest.fail(f"no press failed: {error}")


async def test_a_held_key_presses_and_releases() -> None:
    button, key = ScriptedButton(), ScriptedTrigger()
    for _ in range(2):
        key.press()
        key.release()
    await key.aclose()
    await follow_key(key, "hold", PushToTalk(button), _no_error)
    assert button.done == ["press", "release", "press", "release"]


async def test_a_tapped_key_taps_when_it_goes_down() -> None:
    button, key = ScriptedButton(), ScriptedTrigger()
    for _ in range(2):
        key.press()
        key.release()
    await key.aclose()
    await follow_key(key, "tap", PushToTalk(button), _no_error)
    assert button.done == ["tap", "tap"]


async def test_a_key_let_go_while_its_press_still_ends_a_reply_is_let_go_after_that() -> None:
    button = ScriptedButton()
    reply_ended = button.gates["press"] = asyncio.Event()
    talk = PushToTalk(button)
    async with asyncio.TaskGroup() as hands:
        for act in (talk.press, talk.release, talk.tap, talk.cancel):
            hands.create_task(act())
        await asyncio.sleep(0)
        assert not button.done
        reply_ended.set()
    assert button.done == ["press", "release", "tap", "cancel"]


async def test_a_press_that_fails_is_told_and_the_next_one_works() -> None:
    button, key = ScriptedButton(), ScriptedTrigger()
    button.errors = {"press": EngineError("The detector failed.")}
    told: list[str] = []

    def tell(error: HeisenbergError) -> None:
        told.append(error.message)
        button.errors = {}

    for _ in range(2):
        key.press()
        key.release()
    await key.aclose()
    await follow_key(key, "hold", PushToTalk(button), tell)
    assert told == ["The detector failed."]
    assert button.done == ["release", "press", "release"]
