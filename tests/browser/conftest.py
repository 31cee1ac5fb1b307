"""Chromium of the system, and visitors of the hall: each with cookies and storage of their own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.support.hall import RunningHall

CHROMIUM = os.environ.get("HALL_CHROMIUM", "/usr/bin/chromium")
# No word to the outside, and nothing a first start would show.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000


class Visitor(Protocol):
    """Opens the hall for another person."""

    def __call__(self, *, moving: bool = False) -> Page:
        """Their window. Unless it is `moving`, their system asks for reduced motion: on a busy machine a click on
        something that still slides in may land beside it."""
        ...


# Of a module and not of the session: Playwright keeps an event loop in this thread while it is open, which asyncio
# tests of other modules must not meet.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, headless."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser, running_hall: RunningHall, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Opens the hall for another person. What a page complains about in its console fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A refused request is told by the browser too; the pages answer it, and the tests look at how.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def enter(*, moving: bool = False) -> Page:
        context = chromium.new_context(
            base_url=running_hall.url,
            viewport={"width": 1440, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            reduced_motion="no-preference" if moving else "reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", hear)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened.append(context)
        return context.new_page()

    yield enter
    folder = os.environ.get("HALL_SCREENSHOTS")
    for number, page in enumerate(page for context in opened for page in context.pages):
        if folder:  # what each visitor saw last
            page.screenshot(path=Path(folder) / f"{request.node.name}-{number}.png")
    for context in opened:
        context.close()
    assert complaints == []
