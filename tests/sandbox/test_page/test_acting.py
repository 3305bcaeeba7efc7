"""What people do on the page reaches the bot, and what the bot answers is seen."""

import re

from playwright.async_api import expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_page.visiting import Visit, actions, button, hook, message, plain, section
from tests.sandbox.town import Connect, Json, Start, Town, until

CONFIRM = {
    "title": plain("Escalate?"),
    "text": plain("This wakes Chi."),
    "confirm": plain("Wake Chi"),
    "deny": plain("No"),
}


async def test_a_click_reaches_the_bot_and_the_card_is_redrawn(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    @bot.action("ack")
    async def acknowledge(ack, body, client) -> None:
        await ack()
        words = f"{body['user']['username']} has it: {body['actions'][0]['value']}"
        await client.chat_update(channel="C1", ts=body["message"]["ts"], text=words, blocks=[section(words)])

    await connect(town, bot)
    blocks = [actions(button("ack", "Acknowledge", value="12", style="primary"))]
    ts = (await town.client().chat_postMessage(channel="C1", text="open", blocks=blocks))["ts"]
    page = await visit(town, "?as=U2#C1")
    await message(page, ts).get_by_role("button", name="Acknowledge").click()
    await expect(message(page, ts).locator(".section-text")).to_have_text("ben has it: 12")


async def test_a_click_that_nobody_answers_is_marked(start: Start, visit: Visit) -> None:
    town = await start()
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=[actions(button("go", "Go"))]))["ts"]
    page = await visit(town)
    await expect(page.locator("#notice")).to_contain_text("rounds is not connected")
    await message(page, ts).get_by_role("button", name="Go").click()
    await expect(message(page, ts).get_by_role("img", name="The app did not answer within 3 seconds")).to_be_visible()


async def test_a_dangerous_button_asks_first(town: Town, bot: AsyncApp, connect: Connect, visit: Visit) -> None:
    pressed: list[str] = []

    @bot.action("escalate")
    async def escalate(ack, body) -> None:
        pressed.append(body["user"]["id"])
        await ack()

    await connect(town, bot)
    blocks = [actions(button("escalate", "Escalate", style="danger", confirm=CONFIRM))]
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=blocks))["ts"]
    page = await visit(town)
    escalate_button = message(page, ts).get_by_role("button", name="Escalate")
    await escalate_button.click()
    await expect(hook(page, "confirm")).to_contain_text("This wakes Chi.")
    await hook(page, "confirm-deny").click()
    await expect(escalate_button).to_be_focused()
    assert pressed == []
    await escalate_button.click()
    await hook(page, "confirm-yes").click()
    await until(lambda: pressed == ["U1"])


async def test_choices_in_a_message_are_told_at_once(town: Town, bot: AsyncApp, connect: Connect, visit: Visit) -> None:
    told: list[Json] = []

    @bot.action(re.compile(".*"))
    async def chosen(ack, action) -> None:
        told.append(action)
        await ack()

    @bot.options("check")
    async def checks(ack, payload) -> None:
        await ack(options=[{"text": plain(f"{payload['value']}-disk"), "value": "disk"}])

    await connect(town, bot)
    options = [{"text": plain(word), "value": word.lower()} for word in ("One", "Two")]
    blocks = [
        actions(
            {"type": "static_select", "action_id": "select", "placeholder": plain("Pick"), "options": options},
            {"type": "external_select", "action_id": "check", "placeholder": plain("Check"), "min_query_length": 1},
            {"type": "users_select", "action_id": "who", "placeholder": plain("Who")},
            {"type": "overflow", "action_id": "more", "options": options},
            {"type": "checkboxes", "action_id": "boxes", "options": options},
            {"type": "radio_buttons", "action_id": "radio", "options": options},
        )
    ]
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=blocks))["ts"]
    page = await visit(town)
    card = message(page, ts)

    await card.get_by_role("button", name="Pick", exact=True).click()
    await page.get_by_role("option", name="Two").click()
    await until(lambda: told and told[-1].get("selected_option", {}).get("value") == "two")
    await card.get_by_role("button", name="Check", exact=True).click()
    await page.keyboard.type("root")
    await expect(page.get_by_role("option")).to_have_text(["root-disk"])
    await page.keyboard.press("Enter")
    await until(lambda: told[-1]["action_id"] == "check")
    await card.get_by_role("button", name="Who", exact=True).click()
    await page.get_by_role("option", name="Ben").click()
    await until(lambda: told[-1].get("selected_user") == "U2")
    await card.get_by_role("button", name="More options").click()
    await page.get_by_role("menuitem", name="One").click()
    await until(lambda: told[-1]["action_id"] == "more")
    await card.get_by_role("checkbox", name="One").check()
    await until(lambda: [one["value"] for one in told[-1].get("selected_options", [])] == ["one"])
    await card.get_by_role("radio", name="Two").check()
    await until(lambda: told[-1]["action_id"] == "radio")


async def test_commands_are_completed_and_their_use_stays_in_sight(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    @bot.command("/rounds")
    async def rounds(ack, command) -> None:
        await ack(f"you said {command['text']}")

    await connect(town, bot)
    page = await visit(town)
    box = hook(page, "composer-input")
    await box.press_sequentially("/ro")
    await expect(hook(page, "completions").first).to_contain_text("status | run <check> | help")
    await box.press("Tab")
    await expect(box).to_have_value("/rounds ")
    uses = hook(page, "completions").first.get_by_role("option")
    await expect(uses).to_contain_text(["status", "run", "help"])
    await box.press_sequentially("st")
    await expect(uses).to_have_count(1)
    await box.press("Tab")
    await expect(box).to_have_value("/rounds status ")
    await expect(hook(page, "usage").first).to_contain_text("status | run <check> | help")
    await box.press("Enter")
    answer = hook(page, "messages").locator(".message.ephemeral")
    await expect(answer).to_contain_text("you said status")
    await expect(answer).to_have_count(1)
    await expect(box).to_have_value("")


async def test_a_command_that_is_not_answered_says_so(start: Start, visit: Visit) -> None:
    town = await start()
    page = await visit(town)
    await hook(page, "composer-input").fill("/rounds status")
    await hook(page, "composer-input").press("Enter")
    await expect(hook(page, "messages")).to_contain_text("Not delivered: the app did not answer")
    await hook(page, "composer-input").fill("/no<b>such")
    await hook(page, "composer-input").press("Enter")
    await expect(hook(page, "messages")).to_contain_text("/no<b>such is not a command")


async def test_names_that_are_completed_become_references(town: Town, visit: Visit) -> None:
    page = await visit(town)
    box = hook(page, "composer-input")
    await box.press_sequentially("@be")
    await expect(hook(page, "completions").get_by_role("option")).to_have_text(["BBen@ben"])
    await box.press("Enter")
    await box.press_sequentially("and @sre in #gen")
    await box.press("Tab")
    await box.press_sequentially("<b> & @here")
    await box.press("Escape")
    await box.press("Enter")
    await expect(hook(page, "messages").locator(".rich-section")).to_have_text("@Ben and @sre in #general <b> & @here")
    assert await town.texts("C1") == ["<@U2> and <!subteam^S1> in <#C2> &lt;b&gt; &amp; <!here>"]


async def test_a_thread_is_opened_answered_and_closed(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="#12 is open"))["ts"]
    page = await visit(town)
    await message(page, ts).hover()
    await message(page, ts).get_by_role("button", name="Reply in thread").click()
    box = hook(page, "thread-composer-input")
    await expect(box).to_be_focused()
    await box.fill("/rounds ack 12")
    await box.press("Enter")
    await expect(hook(page, "thread")).to_contain_text("Slash commands do not work in threads")
    await box.fill("I have it")
    await box.press("Enter")
    await expect(hook(page, "thread").locator(".message")).to_have_count(2)
    await expect(message(page, ts).locator(".thread-link")).to_contain_text("1 reply")
    await town.client().chat_postMessage(channel="C1", thread_ts=ts, text="escalated", reply_broadcast=True)
    await expect(hook(page, "messages")).to_contain_text("replied to a thread: #12 is open")
    await expect(hook(page, "thread").locator(".message")).to_have_count(3)
    assert page.url.endswith(f"#C1/{ts}")
    await page.keyboard.press("Escape")
    await expect(hook(page, "thread")).to_be_hidden()
    await expect(message(page, ts)).to_be_focused()


async def test_a_message_shortcut_names_the_message(start: Start, connect: Connect, visit: Visit) -> None:
    shortcut = {"type": "message", "callback_id": "log_it", "name": "Add to the log", "description": "x"}
    manifest = {
        "features": {"shortcuts": [shortcut]},
        "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "channels:read"]}},
        "settings": {"interactivity": {"is_enabled": True}, "socket_mode_enabled": True},
    }
    town = await start(manifest=manifest)
    bot = AsyncApp(client=town.client())
    used: list[str] = []

    @bot.shortcut("log_it")
    async def log_it(ack, shortcut) -> None:
        used.append(shortcut["message"]["text"])
        await ack()

    await connect(town, bot)
    ts = (await town.control("message", as_="U1", channel="C1", text="disk was full"))["ts"]
    page = await visit(town)
    await message(page, ts).hover()
    await message(page, ts).get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Add to the log").click()
    await until(lambda: used == ["disk was full"])


async def test_reactions_are_added_and_taken_back(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="done"))["ts"]
    page = await visit(town)
    await message(page, ts).hover()
    await message(page, ts).get_by_role("button", name="Add reaction").click()
    await page.get_by_role("button", name="tada", exact=True).click()
    mine = message(page, ts).locator('[data-reaction="tada"]')
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await mine.click()
    await expect(mine).to_have_count(0)
