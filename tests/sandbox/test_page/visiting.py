"""How the tests of the page speak: a page is opened by `visit`, found in by `hook`, and written to by these blocks."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page

from tests.sandbox.town import Json

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
