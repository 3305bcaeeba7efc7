"""What a newcomer sees: `rounds demo` in a browser, from the first digest to the recovery.

Screenshots are kept in build/screenshots, or in the folder that ROUNDS_SCREENSHOTS names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.processes import ROOT, START_S, ended, environment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CLIMBS_AFTER_S = 30
"""When examples/this-machine calls its second person."""


@pytest.fixture
def demo(tmp_path):
    """`rounds demo` in an empty folder, and its address."""
    told = (tmp_path / "told.txt").open("w+")
    command = [sys.executable, "-m", "bot.cli", "demo", "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(COLUMNS="200"), stdout=told, stderr=told, text=True
    )
    end = time.monotonic() + START_S
    address = None
    while address is None:
        assert process.poll() is None, Path(told.name).read_text()
        assert time.monotonic() < end, Path(told.name).read_text()
        address = re.search(r"http://127\.0\.0\.1:\d+/", Path(told.name).read_text())
    yield address[0]
    ended(process, within=30)
    told.close()


@pytest.fixture
def chromium():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"The demo's page is not tested: none of {', '.join(NAMES)} is on the PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES.split())
        yield browser
        browser.close()


def _screenshots(page: Page, name: str) -> None:
    place = Path(os.environ.get("ROUNDS_SCREENSHOTS") or ROOT / "build" / "screenshots")
    place.mkdir(parents=True, exist_ok=True)
    for width, height in ((1280, 900), (400, 850)):
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.move(0, 0)
        # The drawer slides away when the page becomes narrow; the picture is taken when it stands still.
        page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")
        page.screenshot(path=place / f"{name}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_newcomer_sees_it_break_climb_be_taken_and_recover(demo, chromium, tmp_path):
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(f"{demo}?as=U1#C1")
    messages, thread = page.get_by_test_id("messages"), page.get_by_test_id("thread")
    digest = messages.locator("[data-ts]", has_text="Rounds of this machine").first
    expect(digest).to_be_visible(timeout=30_000)
    expect(digest).to_contain_text("5 ok")
    _screenshots(page, "digest")

    backup = tmp_path / ".rounds" / "demo" / "backup.tar.gz"
    backup.unlink()
    card = messages.locator("[data-ts]", has=page.get_by_role("heading", name="#1 Last night's backup"))
    expect(card).to_contain_text("nobody has it yet", timeout=40_000)
    expect(card).to_contain_text("backup.tar.gz does not exist")
    expect(card).to_contain_text("@Ann")
    expect(card).not_to_contain_text("Escalated")
    root = card.get_attribute("data-ts")

    climbed = messages.locator("[data-ts]", has_text="Escalated to")
    expect(climbed).to_contain_text("@Ben", timeout=(CLIMBS_AFTER_S + 30) * 1000)
    expect(climbed).to_contain_text("step 2 of 3")

    card.get_by_role("button", name=re.compile("^Acknowledge")).click()
    expect(card).to_contain_text("@Ann has it", timeout=20_000)
    expect(card.get_by_role("button", name=re.compile("^Acknowledge"))).to_have_count(0)
    page.goto(f"{demo}?as=U1#C1/{root}")
    expect(thread).to_contain_text("@Ann has it")
    _screenshots(page, "incident")

    backup.touch()
    expect(thread).to_contain_text("Recovered after", timeout=40_000)
    expect(thread.locator(f'[data-ts="{root}"]')).to_contain_text("Recovered after")
    _screenshots(page, "recovered")
    # One message and its thread: no second card, and nobody else was called.
    assert messages.get_by_role("heading", name="#1 Last night's backup").count() == 1
    assert messages.locator("[data-ts]", has_text="Escalated to").count() == 1
