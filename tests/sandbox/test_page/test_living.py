"""The page as a place: it stays current, fits every width and text, and keeps what somebody chose."""

import pytest
from playwright.async_api import expect

from tests.sandbox.test_page.visiting import (
    Visit,
    crowd,
    hook,
    inner_width_is_enough,
    last,
    message,
)
from tests.sandbox.town import Start, Town


@pytest.mark.parametrize("width", [400, 700, 1280])
async def test_no_text_makes_the_page_scroll_sideways(width: int, town: Town, visit: Visit) -> None:
    await crowd(town)
    page = await visit(town, width=width)
    await expect(hook(page, "messages").locator(".message")).to_have_count(3)
    assert await inner_width_is_enough(page)
    await page.evaluate("(ts) => { location.hash = `C1/${ts}` }", await last(town))
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
    await expect(general).to_have_accessible_name("general, unread")
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


async def test_whoever_writes_sees_what_they_wrote(start: Start, visit: Visit) -> None:
    town = await start(rate_limits=False)
    for index in range(40):
        await town.client().chat_postMessage(channel="C1", text=f"line {index}")
    page = await visit(town)
    await hook(page, "messages").evaluate("(node) => { node.scrollTop = 100 }")
    await hook(page, "composer-input").fill("my own")
    await hook(page, "composer-input").press("Enter")
    await expect(page.get_by_text("my own", exact=True)).to_be_in_viewport()


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


async def test_an_app_without_tabs_has_none_on_the_page(start: Start, visit: Visit) -> None:
    tabs = {"home_tab_enabled": False, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    town = await start(manifest={"features": {"app_home": tabs}, "settings": {"socket_mode_enabled": True}})
    page = await visit(town, "?as=U1#home")
    await expect(page.get_by_role("heading", name="operations", level=1)).to_be_visible()
    await expect(page.get_by_role("button", name="Home", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="rounds, Direct message").click()
    box = hook(page, "composer-input")
    await expect(box).to_be_disabled()
    await expect(box).to_have_attribute("placeholder", "Sending messages to this app has been turned off.")


async def test_people_come_go_and_are_acted_as(town: Town, visit: Visit) -> None:
    page = await visit(town, "?as=U3#C1")
    await town.control("person", person="U9", name="dora", tz="Asia/Tokyo")
    await town.control("person", person="U3", deleted=True)
    await expect(hook(page, "person-switch")).to_contain_text("Ann")
    await hook(page, "person-switch").click()
    await expect(page.get_by_role("menuitemradio")).to_have_count(3)
    await page.get_by_role("menuitemradio", name="Dora").click()
    await hook(page, "composer-input").press_sequentially("@chi")
    await expect(hook(page, "completions").get_by_role("option")).to_have_count(0)
    await hook(page, "composer-input").fill("hello from @dora")
    await hook(page, "composer-input").press("Enter")
    await expect(hook(page, "messages").locator(".mention-mine")).to_have_text("@Dora")


async def test_many_resets_at_once_leave_the_newest_state(town: Town, visit: Visit) -> None:
    page = await visit(town, "?as=U1#C1")
    for at in range(5):
        await town.control("person", person=f"U2{at}", name=f"new{at}")
    await town.client().chat_postMessage(channel="C1", text="after all that")
    await expect(hook(page, "messages")).to_contain_text("after all that")
    await hook(page, "person-switch").click()
    await expect(page.get_by_role("menuitemradio")).to_have_count(8)
