"""Takes the pictures of `docs/cards.md`: every golden card as the local Slack draws it.

`python -m tests.slack.pictures`; needs Chromium on the PATH.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.processes import ROOT, Sandbox

GOLDEN = Path(__file__).parent / "golden"
DOCS = ROOT / "docs"
PICTURES = DOCS / "images" / "cards"
WIDTH = 420
"""Pixels: a phone, which is where most of them are read."""

TALL = 1_800
"""Pixels: the longest card stands above the field where one types."""

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SEED: dict[str, object] = {
    "channels": [{"id": "C1", "name": "operations"}],
    "people": [{"id": "U0ANN", "name": "ann"}, {"id": "U0BEN", "name": "ben"}],
}


class Studio:
    """A local Slack, and a browser in front of it."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession, browser: Browser) -> None:
        self._sandbox = sandbox
        self._http = http
        self._browser = browser

    async def call(self, method: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._sandbox.bot_token}"}
        async with self._http.post(f"{self._sandbox.api}{method}", json=given, headers=headers) as answer:
            told = await answer.json()
        if not told["ok"]:
            raise SystemExit(f"{method} refuses {given.get('view', given)!r:.300}: {told}")
        return told

    async def page(self, where: str, *, height: int = 900) -> Page:
        context = await self._browser.new_context(viewport={"width": WIDTH, "height": height}, reduced_motion="reduce")
        page = await context.new_page()
        await page.goto(f"{self._sandbox.url}{where}")
        await page.wait_for_selector("body[data-ready]")
        return page

    async def card(self, name: str, told: dict[str, Any]) -> None:
        """The picture of a message."""
        posted = await self.call("chat.postMessage", channel="C1", text=told["text"], blocks=told["blocks"])
        page = await self.page("?as=U0ANN#C1", height=TALL)
        await page.locator(f'[data-testid="messages"] [data-ts="{posted["ts"]}"]').screenshot(path=_path(name))
        await page.context.close()

    async def home(self, name: str, view: dict[str, Any]) -> None:
        """The picture of an App Home."""
        await self.call("views.publish", user_id="U0ANN", view=view)
        page = await self.page("?as=U0ANN#home")
        await page.screenshot(path=_path(name), full_page=True)
        await page.context.close()

    async def dialog(self, name: str, view: dict[str, Any]) -> None:
        """The picture of a dialog. It needs the trigger of a command, which the traffic log has even with nobody there."""
        page = await self.page("?as=U0ANN#C1")
        asked = {"as": "U0ANN", "channel": "C1", "command": "/rounds", "text": ""}
        headers = {"X-Sandbox-Token": self._sandbox.token}
        async with self._http.post(f"{self._sandbox.url}_control/command", json=asked, headers=headers) as answer:
            await answer.read()
        async with self._http.get(f"{self._sandbox.url}_control/traffic", headers=headers) as answer:
            sent = [entry for entry in (await answer.json())["entries"] if entry["what"] == "/rounds"]
        await self.call("views.open", trigger_id=sent[-1]["body"]["payload"]["trigger_id"], view=view)
        dialog = page.get_by_role("dialog")
        await dialog.wait_for()
        await page.wait_for_timeout(300)  # it slides in
        await page.screenshot(path=_path(name))
        await page.context.close()


def _path(name: str) -> Path:
    return PICTURES / f"{name}.png"


async def main() -> None:
    """Take all of them, and write the page that shows them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is not on the PATH; it takes the pictures.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    golden = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*.json"))}
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox.start(Path(folder), seed=SEED)
        try:
            async with aiohttp.ClientSession() as http, async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
                studio = Studio(sandbox, http, browser)
                for name, told in golden.items():
                    draw = {"home": studio.home, "modal": studio.dialog}.get(told.get("type"), studio.card)
                    await draw(name, told)
                    sys.stderr.write(f"{name}\n")
                await browser.close()
        finally:
            sandbox.stop()
    (DOCS / "cards.md").write_text(_page(list(golden)), encoding="utf-8")


def _page(names: list[str]) -> str:
    lines = [
        "# The cards\n",
        "Everything that Rounds shows in Slack, at the width of a phone, drawn by the local Slack from golden files",
        "(`tests/slack/golden`). `make pictures` takes them anew.\n",
    ]
    for name in names:
        words = name.replace("-", " ").capitalize()
        lines.append(f"## {words}\n\n![{words}](images/cards/{name}.png)\n")
    return "\n".join(lines)


if __name__ == "__main__":
    asyncio.run(main())
