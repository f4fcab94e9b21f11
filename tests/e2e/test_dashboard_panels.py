"""The page in a real browser: memory, models, documents, settings, and the token."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from heisenberg.core import resources
from heisenberg.core.errors import LoadFailed
from heisenberg.core.events import Event
from heisenberg.llm.base import ModelInfo
from heisenberg.llm.pool import ModelPool
from heisenberg.llm.switch import SwitchableLLM
from heisenberg.machine.elapsed import elapsed_s
from heisenberg.machine.pressure import Pressure
from heisenberg.skills.timers.book import TimerBook
from heisenberg.skills.timers.timer import Again
from heisenberg.store.catalogue import Catalogue
from tests.e2e.dashboard import IN_A_BROWSER, engines, state
from tests.fakes.api import Engines, serving
from tests.fakes.browser import visit
from tests.fakes.documents import ScriptedKnowledge
from tests.fakes.llm import ScriptedLanguageModel
from tests.fakes.shelf import ScriptedShelf

pytestmark = IN_A_BROWSER

SMALL = "smollm2-135m-instruct-q4_1"
LARGE = "qwen2.5-coder-0.5b-instruct-q4_k_m"
BROKEN = "lfm2.5-230m-q4_k_m"
TOKEN = "a token of sixteen"


async def test_memory_and_what_would_help(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heisenberg.api.status.memory_pressure", lambda: Pressure.HIGH)
    async with serving(engines()) as api:
        status = (await api.client.get("/api/status")).json()
        async with visit(browser, api.url) as page:
            panel = page.get_by_role("region", name="Memory")
            await expect(panel).to_contain_text("high pressure")
            await expect(panel).to_contain_text(status["memory"]["advice"][0])
            await expect(panel).to_contain_text(status["machine"]["processor"])
            await expect(panel).to_contain_text("English")
            free = panel.locator(".legend div").last
            await expect(free).to_contain_text("GB")
            await expect(page.locator("#version")).to_have_text(f"Heisenberg {status['version']}")


async def test_timers_count_down_and_are_cancelled(browser: Browser, tmp_path: Path) -> None:
    book = TimerBook(tmp_path / "timers.json", time.time, elapsed_s)
    await asyncio.to_thread(book.set, timedelta(hours=2), "en", name="pasta")
    async with serving(Engines(timers=book)) as api, visit(browser, api.url) as page:
        panel = page.get_by_role("region", name="Timers")
        await expect(panel).to_contain_text("pasta")
        shown = panel.locator(".amount")
        await expect(shown).to_have_text(re.compile(r"^(1:59:\d\d|2:00:00)$"))
        first = await shown.text_content()
        await expect(shown).not_to_have_text(first or "")
        await api.client.post("/api/timers", json={"seconds": 600})
        await page.get_by_role("textbox", name="Your question").fill("Is it set?")
        await page.keyboard.press("Enter")  # what was asked in writing may have set one
        await expect(panel).to_contain_text("Timer for 10 min", timeout=3_000)
        await asyncio.to_thread(book.set_alarm, time.time() + 7200, "en")
        api.publish(Event.SKILL, name="timers", action="alarm", text="Alarm set.")
        await expect(panel).to_contain_text("Alarm at")
        again = partial(book.set_alarm, about="take out the bins", again=Again((1, 4), 7, 0))
        await asyncio.to_thread(again, time.time() + 7200, "en")
        api.publish(Event.SKILL, name="timers", action="remind", text="I'll remind you.")
        await expect(panel).to_contain_text("take out the bins (Tue and Fri)")
        await panel.get_by_role("button", name="Cancel: pasta").click()
        await expect(panel).not_to_contain_text("pasta")
    kept = await asyncio.to_thread(book.all)
    assert [one.length_s for one in kept] == [600.0, 0.0, 0.0]
    async with serving(engines()) as api, visit(browser, api.url) as page:
        await expect(page.get_by_role("region", name="Timers")).to_contain_text("switched off")


def installed(folder: Path, *names: str) -> None:
    """Files that look like those models."""
    catalogue = Catalogue.load(resources.catalogue_file())
    for name in names:
        for file in catalogue.get(name).files:
            path = folder / name / file.name
            path.parent.mkdir(parents=True)
            with path.open("wb") as written:
                written.truncate(file.size)


async def test_models_are_loaded_chosen_and_unloaded(browser: Browser, tmp_path: Path) -> None:
    await asyncio.to_thread(installed, tmp_path, SMALL, LARGE, BROKEN)
    shelf = ScriptedShelf({SMALL: 300 * 10**6, LARGE: 700 * 10**6, BROKEN: 300 * 10**6})
    shelf.broken[BROKEN] = LoadFailed("The file is damaged.", "Fetch it again.")
    shelf.loading[LARGE] = asyncio.Event()

    async def none_smaller(_name: str) -> list[str]:
        return []

    llm = SwitchableLLM(
        ModelPool(shelf, 1500 * 10**6), ModelInfo(SMALL, "fake", 4096), smaller=none_smaller
    )
    await llm.load()
    async with (
        serving(Engines(llm), f"store.dir={tmp_path}") as api,
        visit(browser, api.url, refused=(503,)) as page,
    ):
        panel = page.get_by_role("region", name="Models")
        rows = panel.get_by_role("listitem")
        await expect(rows).to_have_count(3)
        await expect(panel).to_contain_text("300 MB of 1.5 GB")
        await expect(rows.first).to_contain_text("SmolLM2-135M-Instruct")
        await expect(rows.first).to_contain_text("answers")

        load = panel.get_by_role("button", name="Load Qwen2.5-Coder-0.5B-Instruct")
        await load.focus()
        await page.keyboard.press("Enter")
        await expect(panel).to_contain_text("Loading…")
        other = panel.get_by_role("button", name="Load LFM2.5-230M")
        await expect(other).to_have_attribute("aria-disabled", "true")
        shelf.loading[LARGE].set()
        await expect(panel).to_contain_text("1.0 GB of 1.5 GB")
        await expect(page.locator("#announcer")).to_have_text(
            "Qwen2.5-Coder-0.5B-Instruct is loaded."
        )
        # The focus is where it was, on what can be done now.
        await expect(panel.locator(":focus")).to_have_text("Use")

        await page.keyboard.press("Enter")
        await expect(rows.first).to_contain_text("Qwen2.5-Coder-0.5B-Instruct")
        await expect(rows.first).to_contain_text("answers")
        assert llm.info.name == LARGE

        await panel.get_by_role("button", name="Unload SmolLM2-135M-Instruct").click()
        await expect(panel).to_contain_text("700 MB of 1.5 GB")
        assert not llm.pool.holds(SMALL)

        await panel.get_by_role("button", name="Load LFM2.5-230M").click()
        await expect(panel).to_contain_text("The file is damaged.")
        await expect(panel).to_contain_text("Fetch it again.")
    await llm.aclose()


async def test_what_is_not_there_is_told(browser: Browser) -> None:
    bare = Engines(ScriptedLanguageModel(), room=None, knowledge=None)
    async with serving(bare) as api, visit(browser, api.url) as page:
        await expect(state(page)).to_have_text("Ready")
        await expect(page.get_by_role("group", name="Room")).to_be_hidden()
        await expect(page.locator("#room-note")).to_contain_text("without sound")
        models = page.get_by_role("region", name="Models")
        await expect(models).to_contain_text("runs on a server")
        await expect(models.get_by_role("button")).to_have_count(0)
        documents = page.get_by_role("region", name="Documents")
        await expect(documents).to_contain_text("heisenberg docs add PATH")
        await expect(documents.get_by_role("searchbox")).to_be_hidden()
        latency = page.get_by_role("region", name="Latency")
        await expect(latency).to_contain_text("No turn has been measured yet.")


async def test_documents_are_listed_and_searched(browser: Browser) -> None:
    knowledge = ScriptedKnowledge({"pump": ["The pump is <i>blue</i>.", "It is loud."]})
    async with serving(engines(knowledge=knowledge)) as api, visit(browser, api.url) as page:
        panel = page.get_by_role("region", name="Documents")
        await expect(panel.get_by_role("list", name="All documents")).to_contain_text("guide.md")
        await expect(panel).to_contain_text("1 document")
        search = panel.get_by_role("searchbox", name="Search in the documents")
        await search.fill("pump")
        await page.keyboard.press("Enter")
        hits = panel.locator(".hits li")
        await expect(hits).to_have_count(2)
        for said in ("guide.md", "Guide > Pumps · line 7", "90%", "The pump is <i>blue</i>."):
            await expect(hits.first).to_contain_text(said)
        await search.fill("kettle")
        await panel.get_by_role("button", name="Search").click()
        await expect(panel).to_contain_text("Nothing was found for “kettle”.")


async def test_settings_are_grouped_searched_and_keep_secrets(browser: Browser) -> None:
    settings = ("cloud.api_key=very-secret", "llm.seed=7")
    async with serving(engines(), *settings) as api, visit(browser, api.url) as page:
        panel = page.get_by_role("region", name="Settings")
        groups = panel.locator(".setting-group")
        await expect(groups.filter(has=page.get_by_role("heading", name="cloud"))).to_contain_text(
            "hidden"
        )
        assert "very-secret" not in await page.content()
        await panel.get_by_role("searchbox").fill("llm.seed")
        await expect(panel).to_contain_text("1 setting")
        await expect(groups).to_have_text("llmseed7")
        await panel.get_by_role("searchbox").fill("no such thing")
        await expect(panel).to_contain_text("No setting has “no such thing” in it.")


async def enter(page: Page, token: str) -> None:
    await page.get_by_role("textbox", name="Token").fill(token)
    await page.keyboard.press("Enter")


async def test_a_token_is_asked_for_once(browser: Browser) -> None:
    async with (
        serving(engines(), f"api.token={TOKEN}") as api,
        visit(browser, api.url, refused=(401,)) as page,
    ):
        prompt = page.get_by_role("dialog", name="A token is needed")
        await expect(prompt).to_be_visible()
        await expect(page.get_by_role("textbox", name="Token")).to_be_focused()
        await enter(page, "not the right one")
        await expect(prompt).to_contain_text("The token is wrong.")
        await enter(page, TOKEN)
        await expect(prompt).to_be_hidden()
        await expect(state(page)).to_have_text("Idle")
        await page.reload()
        await expect(state(page)).to_have_text("Idle")
        assert TOKEN not in await page.evaluate("document.cookie + JSON.stringify(localStorage)")
        await page.get_by_role("button", name="Log out").click()
        await expect(prompt).to_be_visible()
