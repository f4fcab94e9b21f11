"""The page in a real browser, for everybody: by keyboard, on a phone, in the dark, in French."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from heisenberg.core.events import Event
from tests.e2e.dashboard import (
    IN_A_BROWSER,
    answer,
    complete,
    engines,
    hear,
    state,
    turns,
    wait,
)
from tests.fakes.api import Serving, serving
from tests.fakes.browser import visit

pytestmark = IN_A_BROWSER

PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
LARGE: Final[ViewportSize] = {"width": 1440, "height": 900}


async def fill(api: Serving, page: Page) -> None:
    """Let everything there is to see be seen."""
    await expect(page.locator("#settings-body .setting-group").first).to_be_visible()
    hear(api, "What is the capital of France?")
    answer(api, "Paris is the capital.")
    complete(api, "Paris is the capital.", local=False)
    wait(api, 1.4)
    device = {"kind": "speaker", "state": "lost", "name": "Kitchen", "hint": "Plug it in."}
    api.publish(Event.DEVICE, **device)
    api.publish(Event.ERROR, code="engine", message="The voice failed.", hint="See the doctor.")
    await page.locator("#documents-query").fill("pump")
    await page.locator("#documents-query").press("Enter")
    await expect(page.locator(".hits li")).to_have_count(1)
    await page.locator("details summary").click()
    await expect(turns(page)).to_have_count(3)


async def violations(page: Page) -> list[tuple[str, Any]]:
    """What the rules of axe find; it is run in the page, which our own policy would forbid."""
    found = (await Axe().run(page)).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


async def test_it_keeps_the_rules_of_accessibility(browser: Browser) -> None:
    async with (
        serving(engines()) as api,
        visit(browser, api.url, bypass_csp=True) as page,
    ):
        await fill(api, page)
        hear(api, "And of Spain?")  # with something that goes on
        await expect(state(page)).to_have_text("Thinking")
        await page.set_viewport_size(LARGE)
        assert await violations(page) == []
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        await page.set_viewport_size(PHONE)
        assert await violations(page) == []


async def test_so_do_the_token_prompt_and_the_description_of_the_api(browser: Browser) -> None:
    async with (
        serving(engines(), "api.token=a token of sixteen") as api,
        visit(browser, api.url, refused=(401,), bypass_csp=True) as page,
    ):
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await violations(page) == []
        await page.get_by_role("textbox", name="Token").fill("a token of sixteen")
        await page.keyboard.press("Enter")
        await expect(state(page)).to_have_text("Idle")
        await page.get_by_role("link", name="API").click()
        await expect(page.get_by_role("heading", name="POST /api/chat/message")).to_be_visible()
        assert await violations(page) == []
        example = page.get_by_role("region", name="Example of POST /api/chat/message")
        await expect(example).to_contain_text(f"curl {api.url}/api/chat/message")
        await expect(example).to_contain_text("Authorization: Bearer")
        described = page.locator("#get-api-documents-search")
        await expect(described).to_contain_text("in the query, required")


async def test_on_a_phone_nothing_lies_beside_the_page(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url, viewport=PHONE) as page:
        await fill(api, page)
        for language in ("fr", "en"):
            await page.locator("#language").select_option(language)
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await page.goto(f"{api.url}/docs")
        await expect(page.locator("article").first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_a_keyboard_is_enough(browser: Browser, tmp_path: Path) -> None:
    async with (
        serving(engines(), f"store.dir={tmp_path}") as api,
        visit(browser, api.url) as page,
    ):
        await fill(api, page)
        await page.reload()
        await expect(page.locator("#settings-body .setting-group").first).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the conversation")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#conversation")).to_be_focused()

        reached = []
        for _ in range(60):
            await page.keyboard.press("Tab")
            name = await page.evaluate(
                "(document.activeElement.ariaLabel ?? document.activeElement.innerText).trim()"
                " || document.activeElement.id"
            )
            visible = await page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                " || document.activeElement.type === 'radio'"
            )
            assert visible, f"{name} does not show that it has the focus"
            reached.append(name)
            if name == "Metrics":
                break
        assert reached == [
            *("Listen", "Stop", "Mute", "Transcript", "Talk", "question", "Ask"),
            *("last turn: 1.40 s", "All turns as a table", "Load small"),
            *("documents-query", "Search", "settings-query", "API", "Metrics"),
        ]


async def test_it_speaks_the_language_of_the_browser_or_the_chosen_one(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url, locale="fr-CA") as page:
        await expect(state(page)).to_have_text("En attente")
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await expect(page.get_by_role("button", name="Parler")).to_be_visible()
        hear(api, "Quelle heure est-il ?")
        wait(api, 0.7)
        await expect(page.get_by_role("region", name="Latence")).to_contain_text("0,70 s")
        await expect(turns(page)).to_contain_text("dans la pièce")

        await page.get_by_role("combobox", name="Langue").select_option("en")
        await expect(state(page)).to_have_text("Thinking")
        await expect(turns(page)).to_contain_text("in the room")  # what is there already, too
        await expect(page.get_by_role("region", name="Latency")).to_contain_text("0.70 s")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.reload()
        await expect(state(page)).to_have_text("Idle")

        both = await page.evaluate(
            """async () => {
              const {ENGLISH} = await import("/dashboard/words.en.js");
              const {FRENCH} = await import("/dashboard/words.fr.js");
              const used = (words) => Object.entries(words).map(([key, said]) =>
                [key, JSON.stringify(said).match(/\\{\\w+\\}/g)?.toSorted() ?? []]);
              return [used(ENGLISH), used(FRENCH)];
            }"""
        )
        english, french = ({key: set(values) for key, values in language} for language in both)
        assert english == french


async def test_light_or_dark_as_chosen(browser: Browser) -> None:
    async with serving(engines()) as api, visit(browser, api.url, color_scheme="light") as page:
        await expect(state(page)).to_have_text("Idle")
        light = await background(page)
        await page.get_by_role("combobox", name="Colours").select_option("dark")
        dark = await background(page)
        assert light != dark
        await page.reload()
        assert await background(page) == dark
        await page.get_by_role("combobox", name="Colours").select_option("auto")
        assert await background(page) == light


async def background(page: Page) -> str:
    colour: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


async def test_nothing_moves_for_those_who_do_not_want_it(browser: Browser) -> None:
    async with (
        serving(engines()) as api,
        visit(browser, api.url, reduced_motion="no-preference") as page,
    ):
        await expect(state(page)).to_have_text("Idle")
        hear(api, "Where is the moon?")
        await expect(state(page)).to_have_text("Thinking")
        assert await page.evaluate("document.getAnimations().length") > 0
        await page.emulate_media(reduced_motion="reduce")
        assert await page.evaluate("document.getAnimations().length") == 0
