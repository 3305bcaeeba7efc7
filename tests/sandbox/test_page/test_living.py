"""The page as a place: it stays current, fits every width and text, and needs no mouse and no eyes."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_page.visiting import (
    Visit,
    actions,
    button,
    hook,
    inner_width_is_enough,
    message,
    modal,
    plain,
    section,
    text_input,
)
from tests.sandbox.town import Connect, Start, Town

LONG = "W" * 2900
AXE = Path(os.environ["ROUNDS_AXE"]).read_text(encoding="utf-8") if "ROUNDS_AXE" in os.environ else ""


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
    await town.client().reactions_add(channel="C1", timestamp=await _last(town), name="eyes")


async def _last(town: Town) -> str:
    return next(reversed(town.slack.workspace.channels["C1"].messages))


@pytest.mark.parametrize("width", [400, 700, 1280])
async def test_no_text_makes_the_page_scroll_sideways(width: int, town: Town, visit: Visit) -> None:
    await crowd(town)
    page = await visit(town, width=width)
    await expect(hook(page, "messages").locator(".message")).to_have_count(3)
    assert await inner_width_is_enough(page)
    await page.evaluate("(ts) => { location.hash = `C1/${ts}` }", await _last(town))
    await expect(hook(page, "thread").locator(".message")).to_have_count(1)
    assert await inner_width_is_enough(page)


async def test_on_a_phone_the_sidebar_is_a_drawer(town: Town, visit: Visit) -> None:
    page = await visit(town, width=400)
    await expect(hook(page, "sidebar")).to_be_hidden()
    await page.get_by_role("button", name="Channels and people").click()
    await hook(page, "sidebar").locator('[data-channel="C2"]').click()
    await expect(hook(page, "sidebar")).to_be_hidden()
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()


async def test_new_messages_arrive_are_announced_and_marked_elsewhere(town: Town, visit: Visit) -> None:
    page = await visit(town, "?as=U1#C1")
    await town.client().chat_postMessage(channel="C1", text="root-disk is full")
    await expect(hook(page, "messages")).to_contain_text("root-disk is full")
    await expect(page.locator("#live")).to_contain_text("rounds: root-disk is full")
    await town.client().chat_postMessage(channel="C2", text="<@U1> look")
    general = hook(page, "sidebar").locator('[data-channel="C2"]')
    await expect(general.locator('[data-testid="badge"]')).to_have_text("1")
    await general.click()
    await expect(general.locator('[data-testid="badge"]')).to_have_count(0)


async def test_a_literal_mention_is_no_mention(town: Town, visit: Visit) -> None:
    page = await visit(town, "?as=U1#C1")
    text = {"type": "text", "text": "<@U1> <!channel>"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]}]
    await town.client().chat_postMessage(channel="C2", text="&lt;@U1&gt;", blocks=blocks)
    general = hook(page, "sidebar").locator('[data-channel="C2"]')
    await expect(general).to_contain_text(", unread")
    await expect(general.locator('[data-testid="badge"]')).to_have_count(0)


async def test_after_a_reset_the_page_starts_afresh(town: Town, visit: Visit) -> None:
    await town.client().chat_postMessage(channel="C1", text="before")
    page = await visit(town)
    await expect(hook(page, "messages")).to_contain_text("before")
    await town.control("reset")
    await expect(hook(page, "messages")).to_contain_text("Nothing has been said here yet")


async def test_reading_above_is_not_disturbed_by_new_messages(start: Start, visit: Visit) -> None:
    town = await start(rate_limits=False)
    for index in range(40):
        await town.client().chat_postMessage(channel="C1", text=f"line {index}")
    page = await visit(town)
    scroller = hook(page, "messages")
    await scroller.evaluate("(node) => { node.scrollTop = 100 }")
    await town.client().chat_postMessage(channel="C1", text="the newest")
    await expect(scroller).to_contain_text("the newest")
    assert await scroller.evaluate("(node) => node.scrollTop") == 100


async def test_the_traffic_is_listed_filtered_and_opened(town: Town, visit: Visit) -> None:
    page = await visit(town)
    await hook(page, "traffic-toggle").click()
    await town.client().chat_postMessage(channel="C1", text="hello <b>")
    entry = hook(page, "traffic-entry").filter(has_text="chat.postMessage")
    await expect(entry).to_contain_text("app → Slack")
    await entry.get_by_role("button").click()
    await expect(entry.locator("pre").first).to_contain_text('"text": "hello <b>"')
    await page.get_by_label("Filter the traffic").fill("views.open")
    await expect(hook(page, "traffic-entry")).to_have_count(0)


async def test_the_colours_are_chosen_once_and_kept(town: Town, visit: Visit) -> None:
    page = await visit(town, scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await hook(page, "theme-toggle").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_an_address_leads_to_a_person_a_channel_and_a_thread(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C2", text="root"))["ts"]
    page = await visit(town, f"#C2/{ts}?as=U3")
    await expect(hook(page, "person-switch")).to_contain_text("Chi")
    await expect(hook(page, "thread")).to_contain_text("root")


async def test_the_raw_json_of_a_message_can_be_read(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="&lt;b&gt;"))["ts"]
    page = await visit(town)
    await message(page, ts).hover()
    await message(page, ts).get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Raw JSON").click()
    await expect(hook(page, "json")).to_contain_text('"text": "&lt;b&gt;"')
    await page.keyboard.press("Escape")
    await expect(hook(page, "json")).to_have_count(0)


async def test_the_whole_day_without_a_mouse(town: Town, bot: AsyncApp, connect: Connect, visit: Visit) -> None:
    """Go to a channel, act on its newest message, fill the form, answer in the thread, come back."""

    @bot.action("snooze")
    async def snooze(ack, body, client) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("why", "Why")))

    @bot.view("form")
    async def submitted(ack, view, client) -> None:
        await ack()
        await client.chat_postMessage(channel="C2", text=f"snoozed: {view['state']['values']['why']['text']['value']}")

    await connect(town, bot)
    ts = (await town.client().chat_postMessage(channel="C2", text="x", blocks=[actions(button("snooze", "Snooze"))]))[
        "ts"
    ]
    page = await visit(town, "?as=U1#C1")
    press = page.keyboard.press
    await hook(page, "sidebar").locator('[data-channel="C1"]').focus()
    await press("ArrowDown")
    await press("Enter")
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()

    await hook(page, "composer-input").focus()
    for _ in range(20):
        if await message(page, ts).evaluate("(node) => node.contains(document.activeElement)"):
            break
        await press("Shift+Tab")
    for _ in range(10):
        if await page.evaluate("document.activeElement.dataset.actionId === 'snooze'"):
            break
        await press("Shift+Tab")
    await expect(message(page, ts).get_by_role("button", name="Snooze")).to_be_focused()
    await press("Enter")
    await expect(hook(page, "modal").get_by_label("Why")).to_be_focused()
    await page.keyboard.type("until noon")
    await press("Enter")
    await expect(hook(page, "messages")).to_contain_text("snoozed: until noon")
    await expect(message(page, ts).get_by_role("button", name="Snooze")).to_be_focused()

    await message(page, ts).focus()
    await press("ArrowDown")
    newest = hook(page, "messages").locator(".message").last
    await expect(newest).to_be_focused()
    await expect(newest.get_by_role("button", name="Reply in thread")).to_be_visible()
    await press("ArrowUp")
    await expect(message(page, ts)).to_be_focused()


STATES = {
    "channel": "#C1",
    "home": "#home",
    "direct": "#D1",
    "traffic": "?traffic#C1",
}


@pytest.mark.skipif(not AXE, reason="ROUNDS_AXE names no axe.min.js: accessibility is not audited.")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
async def test_axe_finds_nothing_to_complain_about(width: int, scheme: str, start: Start, visit: Visit) -> None:
    town = await start(rate_limits=False)
    await crowd(town)
    await town.control("message", as_="U2", channel="C1", text="Hello <@U1> & <@U0BOT>", thread_ts=await _last(town))
    for name, where in (STATES | {"thread": f"#C1/{await _last(town)}"}).items():
        page = await visit(town, where, width=width, scheme=scheme)
        await page.evaluate(AXE)
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        problems = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]
        assert problems == [], f"{name} at {width}, {scheme}"
