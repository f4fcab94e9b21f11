"""A real browser without a screen: Chromium, and pages that remember what went wrong in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

CHROMIUM: Final = Path("/usr/bin/chromium")
MISSING: Final = "needs Chromium (Debian: chromium)"
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
_LOOK: Final[Mapping[str, Any]] = {
    "viewport": {"width": 1280, "height": 800},
    "reduced_motion": "reduce",
}
"""What moves is drawn by the processor here, and there is enough to do for it."""
_TIMEOUT_MS: Final = 15_000


def is_available() -> bool:
    return CHROMIUM.is_file()


@asynccontextmanager
async def chromium(microphone: Path | None = None) -> AsyncIterator[Browser]:
    """A browser with a profile of its own; its microphone hears the WAV file again and again."""
    heard = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*_ARGUMENTS, *heard]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visit(
    browser: Browser, url: str, *, refused: tuple[int, ...] = (), **context: Any
) -> AsyncIterator[Page]:
    """The page at ``url``, for a visitor without a past.

    When it is left, nothing may have failed in it: no error in the console, no exception, and no
    request to anywhere else. Statuses in ``refused`` are part of the test, and so is a connection
    that is lost where ``0`` is among them.
    """
    visitor = await browser.new_context(**{**_LOOK, **context})
    visitor.set_default_timeout(_TIMEOUT_MS)
    problems: list[str] = []
    try:
        page = await visitor.new_page()
        _watch(page, visitor, url, refused, problems)
        await page.goto(url)
        yield page
    finally:
        await visitor.close()
    assert problems == []


def _watch(
    page: Page, visitor: BrowserContext, url: str, refused: tuple[int, ...], problems: list[str]
) -> None:
    def console(kind: str, text: str) -> None:
        expected = any(f"status of {status} " in text for status in refused) or (
            0 in refused and "net::ERR_" in text
        )
        if kind in ("error", "warning") and not expected:
            problems.append(text)

    def asked(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("blob", "data") and address.netloc != urlsplit(url).netloc:
            problems.append(f"asked elsewhere: {request.url}")

    page.on("console", lambda message: console(message.type, message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    visitor.on("request", asked)
