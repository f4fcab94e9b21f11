"""How a reply is spoken, changed by voice."""

from __future__ import annotations

import numpy as np

from heisenberg.core.events import Event
from heisenberg.core.state import State
from heisenberg.tts.delivery import Delivery
from tests.integration.scene import QUESTION, playing


async def test_a_reply_is_as_loud_and_as_fast_as_wanted() -> None:
    async def sound(delivery: Delivery) -> tuple[float, float]:
        """How long the reply sounds, and its loudest sample."""
        async with playing(QUESTION, delivery=delivery) as scene:
            await scene.until(Event.PLAYBACK_END)
            await scene.until_state(State.IDLE)
        return scene.sounding_s(), float(np.abs(scene.card.speaker().astype(int)).max())

    usual_s, usual = await sound(Delivery())
    other_s, other = await sound(Delivery(volume_percent=50, pace=2.0))
    assert abs(other_s - usual_s / 2) < 0.1 * usual_s
    assert abs(other - usual / 4) < 3
