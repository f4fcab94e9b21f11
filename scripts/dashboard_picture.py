"""Writes the README's picture of the dashboard: ``python -m scripts.dashboard_picture``.

What is in it has happened: Heisenberg's own voice asks, on a simulated sound card in real time, and
the loaded models answer. It needs the models of the default profile and Chromium.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from playwright.async_api import Page, expect

from heisenberg.api.server import open_api
from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.simulated import SimulatedCard
from heisenberg.cli.progress import show_loading
from heisenberg.core.aio import cancel_and_wait
from heisenberg.core.app import App
from heisenberg.core.bell import RoomBell
from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.lifecycle import Stages
from heisenberg.loading import Engines, load_engines
from heisenberg.main import Devices, assemble
from heisenberg.simulation import spoken
from tests.fakes.browser import chromium

PICTURE: Final = Path(__file__).resolve().parent.parent / "docs" / "dashboard.png"
QUESTIONS: Final = (
    "What is the capital of France?",
    "How many days are there in a week?",
    "Set a pasta timer for eight minutes.",
    "What do bees make?",
    "Who wrote Hamlet?",
)
_ANSWER_S: Final = 7.0
"""Silence after a question, for its answer."""
_MOST_BYTES: Final = 200_000
_PATIENCE_MS: Final = 120_000


async def picture() -> bytes:
    """A PNG of the page while the last question is being answered."""
    async with AsyncExitStack() as stack:
        stages = await stack.enter_async_context(Stages(show_loading))
        kept = stack.enter_context(TemporaryDirectory())
        settings = ["api.port=0", f"skills.data={kept}"]
        config = await asyncio.to_thread(Config.load, None, settings)
        engines = await load_engines(config, stages)
        card = SimulatedCard(await _questions(engines))
        stack.push_async_callback(card.aclose)
        app = assemble(config, engines, Devices(card, card, card.now_s, card))
        server = await open_api(app, config)
        stack.push_async_callback(server.aclose)
        browser = await stack.enter_async_context(chromium())
        # Without a graphics card, what moves on the page costs as much as an answer.
        page = await browser.new_page(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        await page.goto(server.url)
        await expect(page.locator("#state-name")).to_have_text("Idle")
        for work in (app.run(), *_by_themselves(app)):
            stack.push_async_callback(cancel_and_wait, asyncio.create_task(work))
        return await _last_answer(page)


def _by_themselves(app: App) -> list[Coroutine[Any, Any, None]]:
    """What skills do, as in a daemon."""
    skills = app.services.skills
    bell = RoomBell(app.room, app.bus)
    return [skill.work(bell) for skill in (skills.busy if skills else ())]


async def _questions(engines: Engines) -> Pcm:
    """All of them, each with time to be answered."""
    silence = np.zeros(round(_ANSWER_S * RATE_HZ), np.int16)
    parts: list[Pcm] = []
    for question in QUESTIONS:
        parts += [await spoken(engines, question), silence]
    return np.concatenate(parts)


async def _last_answer(page: Page) -> bytes:
    last = page.locator("#turns > li").nth(len(QUESTIONS) - 1)
    await expect(last).to_contain_text("first sound", timeout=_PATIENCE_MS)
    await expect(page.locator("#state-name")).to_have_text("Speaking")
    return await page.screenshot()


def main() -> None:
    try:
        png = asyncio.run(picture())
    except HeisenbergError as exc:
        sys.exit(str(exc))
    if len(png) > _MOST_BYTES:
        sys.exit(f"The picture has {len(png)} bytes, and may have {_MOST_BYTES}.")
    PICTURE.write_bytes(png)
    print(f"{PICTURE.name}: {len(png) // 1000} kB")


if __name__ == "__main__":
    main()
