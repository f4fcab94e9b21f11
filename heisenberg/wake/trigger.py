"""Push-to-talk: every way to press the key ends at one button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Literal

from heisenberg.core.errors import HeisenbergError
from heisenberg.wake.base import KeyEvent, TalkButton, Trigger


class PushToTalk:
    """A ``TalkButton`` for several hands: the keyboard's key and ``heisenberg trigger``.

    What they do happens one after the other, in the order it was asked for: a key that is let go
    before its press has ended a reply is let go after that.
    """

    def __init__(self, button: TalkButton) -> None:
        self._button = button
        self._one_at_a_time = asyncio.Lock()

    async def press(self) -> None:
        async with self._one_at_a_time:
            await self._button.press()

    async def release(self) -> None:
        async with self._one_at_a_time:
            await self._button.release()

    async def tap(self) -> None:
        async with self._one_at_a_time:
            await self._button.tap()

    async def cancel(self) -> None:
        async with self._one_at_a_time:
            await self._button.cancel()


async def follow_key(
    trigger: Trigger,
    mode: Literal["hold", "tap"],
    button: TalkButton,
    report: Callable[[HeisenbergError], None],
) -> None:
    """Do with ``button`` what the key says until ``trigger`` ends.

    ``hold``: talk while it is down; ``tap``: once to begin, again to end. A press that fails is
    told to ``report`` and costs that press, not the key.
    """
    async with aclosing(aiter(trigger)) as events:
        async for event in events:
            try:
                await _act(event, mode, button)
            except HeisenbergError as exc:
                report(exc)


async def _act(event: KeyEvent, mode: Literal["hold", "tap"], button: TalkButton) -> None:
    match mode, event:
        case "hold", KeyEvent.DOWN:
            await button.press()
        case "hold", KeyEvent.UP:
            await button.release()
        case "tap", KeyEvent.DOWN:
            await button.tap()
        case _:
            pass
