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


async def complaints(page: Page) -> list[str]:
    """What axe-core finds, each with the element. The page's own policy stays in force: a debugger's evaluation is not
    subject to it, while a script element would be."""
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]
