"""How the tests of the page speak: a page is opened by `visit`, found in by `hook`, and written to by these blocks."""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from playwright.async_api import Locator, Page

from tests.sandbox.town import Json, Town

Visit = Callable[..., Awaitable[Page]]


def hook(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="{name}"]')


def message(page: Page, ts: str) -> Locator:
    return hook(page, "messages").locator(f'[data-ts="{ts}"]')


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, label: str, **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label), **more}


def actions(*elements: Json, block_id: str = "row") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def text_input(block_id: str, label: str, **more: object) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def modal(*blocks: Json, callback_id: str = "form") -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Snooze #12"),
        "submit": plain("Save"),
        "blocks": list(blocks),
    }


async def inner_width_is_enough(page: Page) -> bool:
    """Whether nothing can be scrolled sideways: not the page, not its panes."""
    script = """() => [document.documentElement, ...document.querySelectorAll('.pane-scroll, .pane, .dialog[open]')]
        .every((node) => node.scrollWidth <= node.clientWidth + 1)"""
    return bool(await page.evaluate(script))


LONG = "W" * 2900


async def crowd(town: Town) -> None:
    """Every kind of text that a layout breaks on."""
    say = town.client().chat_postMessage
    await say(channel="C1", text=f"{LONG} \u202eright to left\u202c שלום مرحبا 🎉 \x07")
    blocks = [
        section(LONG, fields=[plain("F" * 1900), plain("ok")], accessory=button("a", "W" * 70)),
        {"type": "header", "text": plain("H" * 150)},
        {"type": "context", "elements": [plain("C" * 900)]},
        actions(*[button(f"b{index}", "Wide label here") for index in range(8)]),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "P" * 2000}]}],
        },
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "T" * 300}] * 8, [{"type": "raw_text", "text": "x"}] * 8],
        },
    ]
    await say(channel="C1", text="blocks", blocks=blocks)
    await say(channel="C1", text=LONG, attachments=[{"color": "#d0313d", "blocks": [section(LONG)]}])
    await town.client().reactions_add(channel="C1", timestamp=await last(town), name="eyes")


async def last(town: Town) -> str:
    return next(reversed(town.slack.workspace.channels["C1"].messages))


AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


STILL = """() => new Promise((resolve) => {
  const shape = () => [...document.querySelectorAll('.pane-scroll, .pane, .dialog[open]')]
    .map((node) => [node.scrollTop, node.scrollHeight, node.clientHeight, node.clientWidth]).join();
  const look = (before, frames) => requestAnimationFrame(() => {
    const now = shape();
    const still = now === before && !document.getAnimations().some((one) => one.playState === 'running'
      && one.effect.getComputedTiming().iterations !== Infinity);
    if (still && frames === 3) resolve();
    else look(now, still ? frames + 1 : 0);
  });
  look('', 0);
})"""
"""Resolves when nothing has moved for three frames: a pane that follows a growing file scrolls under axe's eyes, and it
then judges words on the ground of what stood there before."""


async def complaints(page: Page) -> list[str]:
    """What axe-core finds, each with the element and the colours it saw. What is wrong is wrong at a second look too;
    what was only passing is not there any more. The page's own policy stays in force: a debugger's evaluation is not
    subject to it, while a script element would be."""
    await page.evaluate(STILL)
    await page.evaluate(AXE)
    found = await _found(page)
    while found:
        await page.evaluate(STILL)
        if (again := await _found(page)) == found:
            break
        found = again
    return found


async def _found(page: Page) -> list[str]:
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['html'][:160]} {[check['data'] for check in node['any'] if check['data']]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
