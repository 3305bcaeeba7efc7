"""The page in a real browser, against a sandbox and a Bolt app in this process."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.sandbox.test_page.visiting import Visit
from tests.sandbox.town import Town

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

PATIENCE = 15_000
"""Milliseconds; reached only when something is wrong, or the machine is very busy."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "test_page" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"The page is not tested: none of {', '.join(NAMES)} is on the PATH.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=SWITCHES.split())
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Open the page; at the end, anything it complained about in the console is a failure."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused control call is told to the person on the page; the browser writes it down as well.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            complaints.append(message.text)

    async def open_(town: Town, where: str = "?as=U1#C1", *, width: int = 1280, scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{town.url}/{where}")
        await page.wait_for_selector("body[data-ready]")
        return page

    yield open_
    assert complaints == []
