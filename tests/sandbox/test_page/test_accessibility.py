"""Who cannot see the page hears it: axe has no complaint, and roles, names and announcements say what is there."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_block_kit_oracle import INPUTS, MESSAGE
from tests.sandbox.test_page.visiting import (
    Visit,
    actions,
    button,
    complaints,
    crowd,
    hook,
    last,
    message,
    modal,
    plain,
    section,
    text_input,
)
from tests.sandbox.town import Connect, Json, Start, Town

WIDTHS = [(400, "light"), (400, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture
async def town(start: Start) -> Town:
    return await start(rate_limits=False)


def resolved(block: Any) -> Json:
    """As slackblocks builds it, with an id of the sandbox's own making."""
    return {name: value for name, value in block._resolve().items() if name != "block_id"}


async def everything(town: Town) -> None:
    """Every type of block that may stand in a message, files, reactions, a thread, a pin, an ephemeral message."""
    client = town.client()
    await crowd(town)
    ts = await last(town)
    for block in map(resolved, MESSAGE):
        if block["type"] != "input":
            await client.chat_postMessage(channel="C1", text="block", blocks=[block])
    await client.chat_postMessage(channel="C1", text="incident", attachments=[{"color": "#d0313d", "blocks": CARD}])
    await client.chat_postEphemeral(channel="C1", user="U1", text="Only for you")
    await town.control("message", as_="U2", channel="C1", text="Hello <@U1> & <@U0BOT> `x`", thread_ts=ts)
    await town.control("times", mimetype=0)
    await client.files_upload_v2(channel="C1", thread_ts=ts, filename="log.md", content="# Log\n- 09:02 disk full")
    await client.bookmarks_add(channel_id="C1", title="Runbooks", type="link", link="https://example.com")


CARD = [section("*#12* is CRITICAL"), actions(button("ack", "Acknowledge", style="primary"), button("x", "Snooze"))]
SCOPES = ["chat:write", "channels:read", "bookmarks:write", "files:write", "reactions:write", "commands", "files:read"]


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
async def test_axe_finds_nothing_to_complain_about(width: int, scheme: str, start: Start, visit: Visit) -> None:
    town = await start(rate_limits=False, scopes=SCOPES)
    await everything(town)
    thread = next(ts for ts, one in town.slack.workspace.channels["C1"].messages.items() if one.replies)
    places = {"channel": "#C1", "home": "#home", "direct": "#D1", "traffic": "?traffic#C1", "thread": f"#C1/{thread}"}
    for name, where in places.items():
        page = await visit(town, where, width=width, scheme=scheme)
        if name == "thread":
            await expect(hook(page, "thread").locator(".snippet code")).to_contain_text("disk full")
        assert await complaints(page) == [], name
        await page.close()


async def test_axe_complains_of_words_that_nobody_can_read(town: Town, visit: Visit) -> None:
    await town.client().chat_postMessage(channel="C1", text="look")
    page = await visit(town)
    await hook(page, "messages").locator(".text").evaluate("(words) => { words.style.color = '#e8e8e8' }")
    assert [one for one in await complaints(page) if one.startswith("color-contrast") and "#e8e8e8" in one]


async def everything_to_fill(town: Town, bot: AsyncApp, connect: Connect) -> str:
    """A button that opens a form with every input there is; the form is refused by its first field."""
    common = {"type": "input", "optional": True, "hint": plain("A hint")}
    elements = [*(element._resolve() for element in INPUTS), {"type": "file_input", "action_id": "f"}]
    fields = [
        common | {"block_id": f"b{at}", "label": plain(f"Field {at}"), "element": element}
        for at, element in enumerate(elements)
    ]
    form = modal(
        {"type": "alert", "text": plain("Careful"), "level": "warning"},
        text_input("why", "Why"),
        *fields,
        actions(button("deeper", "Deeper"), block_id="more"),
    )

    @bot.action("open")
    async def open_(ack, body, client) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form)

    @bot.action("deeper")
    async def deeper(ack, body, client) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=modal(section("second"), callback_id="two"))

    @bot.view("form")
    async def refused(ack) -> None:
        await ack(response_action="errors", errors={"why": "Say a little more."})

    await connect(town, bot)
    opener = actions(button("open", "Open"), {"type": "overflow", "action_id": "o", "options": OPTIONS})
    confirm = {"title": plain("Sure?"), "text": plain("It wakes Chi."), "confirm": plain("Yes"), "deny": plain("No")}
    sure = actions(button("sure", "Wake Chi", confirm=confirm), block_id="sure")
    posted = await town.client().chat_postMessage(channel="C1", text="x", blocks=[opener, sure])
    return str(posted["ts"])


OPTIONS = [{"text": plain("One"), "value": "1"}]


@pytest.fixture
async def filled(town: Town, bot: AsyncApp, connect: Connect) -> str:
    """The message whose buttons open things."""
    return await everything_to_fill(town, bot, connect)


@pytest.mark.parametrize(("width", "scheme"), WIDTHS[::3])
async def test_axe_finds_nothing_in_what_opens(width: int, scheme: str, town: Town, filled: str, visit: Visit) -> None:
    page = await visit(town, width=width, scheme=scheme)
    card = message(page, filled)

    async def clean(what: str, *, leave: bool = True) -> None:
        assert await complaints(page) == [], what
        if leave:
            await page.keyboard.press("Escape")

    await hook(page, "composer-input").press_sequentially("/")
    await expect(hook(page, "completions").first).to_be_visible()
    await clean("completions")
    await hook(page, "composer-input").fill("")
    for tool, shown in (("Add reaction", ".emoji-popup"), ("More actions", "[role=menu]")):
        await card.hover()
        await card.get_by_role("button", name=tool).click()
        await expect(page.locator(shown)).to_be_visible()
        await clean(tool)
    await card.get_by_role("button", name="More options").click()
    await clean("overflow")
    await card.get_by_role("button", name="Wake Chi").click()
    await expect(hook(page, "confirm")).to_be_visible()
    await clean("confirmation")
    for keys, shown in (("Control+k", "jump"), ("Control+/", "keys")):
        await page.keyboard.press(keys)
        await expect(hook(page, shown)).to_be_visible()
        await clean(shown)
    await card.get_by_role("button", name="Open").click()
    await expect(hook(page, "modal")).to_be_visible()
    await clean("modal", leave=False)
    await page.get_by_label("Why").fill("hm")
    await hook(page, "modal-submit").click()
    await expect(page.get_by_text("Say a little more.")).to_be_visible()
    await clean("modal with an error", leave=False)
    await hook(page, "modal").locator(".picker").first.click()
    await expect(page.get_by_role("listbox")).to_be_visible()
    await clean("picker")
    await hook(page, "modal").get_by_role("button", name="Deeper").click()
    await expect(hook(page, "modal")).to_contain_text("second")
    await clean("second modal", leave=False)
    await page.get_by_role("button", name="Close all").click()
    await expect(hook(page, "modal")).to_be_hidden()
    await town.slack.connections.disconnect("abort")
    await clean("without the app")


async def test_the_page_has_its_landmarks_and_one_name_for_each_part(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="#12 is open"))["ts"]
    await town.control("message", as_="U1", channel="C1", text="I look", thread_ts=ts)
    page = await visit(town, f"?as=U1&traffic#C1/{ts}")
    for role, name in (
        ("navigation", "Workspace"),
        ("main", "operations"),
        ("region", "Messages in operations"),
        ("complementary", "Thread"),
        ("region", "Messages in the thread"),
        ("region", "Traffic between the app and Slack"),
        ("log", "New messages"),
        ("heading", "operations"),
        ("heading", "Thread"),
        ("button", "Acting as Ann"),
        ("textbox", "Message #operations"),
        ("textbox", "Reply …"),
    ):
        await expect(page.get_by_role(role, name=name, exact=True), name).to_have_count(1)
    named = re.compile(r"rounds, \d\d:\d\d: #12 is open")
    await expect(message(page, ts)).to_have_accessible_name(named)


async def test_the_sidebar_says_what_is_here_what_is_unread_and_who_is_meant(town: Town, visit: Visit) -> None:
    await town.client().chat_postMessage(channel="C2", text="<@U1> look")
    page = await visit(town, "?as=U1#C1")
    here = page.get_by_role("button", name="operations", exact=True)
    await expect(here).to_have_attribute("aria-current", "page")
    await expect(page.get_by_role("button", name="general, 1 for you")).to_be_visible()
    await town.client().chat_postMessage(channel="C2", text="and more")
    await hook(page, "person-switch").click()
    await page.get_by_role("menuitemradio", name="Ben").click()
    await expect(page.get_by_role("button", name="general, unread")).to_be_visible()


async def test_a_form_names_its_fields_its_hints_and_its_errors(town: Town, filled: str, visit: Visit) -> None:
    page = await visit(town)
    await message(page, filled).get_by_role("button", name="Open").click()
    form = page.get_by_role("dialog", name="Snooze #12")
    await expect(form).to_be_visible()
    why = form.get_by_role("textbox", name="Why")
    await expect(why).to_have_attribute("aria-required", "true")
    await expect(form.get_by_role("textbox", name="Field 0 (optional)")).to_have_accessible_description("A hint")
    for at in range(len(INPUTS) + 1):
        await expect(form.get_by_text(f"Field {at} (optional)", exact=True)).to_have_count(1)
    await form.get_by_text("Why", exact=True).click()
    await expect(why).to_be_focused()
    await why.fill("hm")
    await hook(page, "modal-submit").click()
    await expect(why).to_be_focused()
    await expect(why).to_have_accessible_description("Say a little more.")
    await expect(why).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_role("alert").filter(has_text="Say a little more.")).to_have_count(1)


async def heard(page: Page) -> list[str]:
    return await page.locator("#live p").all_text_contents()


async def test_what_happens_is_announced_once_and_politely(town: Town, visit: Visit) -> None:
    page = await visit(town, "?as=U1#C1")
    live = page.locator("#live")
    await expect(live).to_have_attribute("aria-live", "polite")
    ts = (await town.client().chat_postMessage(channel="C1", text="*root-disk* is full :fire:"))["ts"]
    await expect(live).to_contain_text("rounds: root-disk is full")
    await town.client().chat_update(channel="C1", ts=ts, text="root-disk is well again")
    await expect(message(page, ts)).to_contain_text("well again")
    await town.client().chat_postEphemeral(channel="C1", user="U2", text="for Ben alone")
    await town.client().chat_postMessage(channel="C2", text="elsewhere")
    await town.control("message", as_="U1", channel="C1", text="my own")
    await town.client().chat_postMessage(channel="C1", text="the end")
    await expect(live).to_contain_text("rounds: the end")
    told = await heard(page)
    assert len(told) == 2, told


async def test_a_failure_is_announced(start: Start, visit: Visit) -> None:
    town = await start()
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=[actions(button("go", "Go"))]))["ts"]
    page = await visit(town)
    await message(page, ts).get_by_role("button", name="Go").click()
    await expect(page.locator("#live")).to_contain_text('This action failed with the error "dispatch_failed".')
    await expect(page.get_by_role("status", name="Notices")).to_contain_text("dispatch_failed")
