"""The whole page without a mouse: no test here moves, hovers or clicks one, and none puts the focus anywhere itself."""

from playwright.async_api import Locator, Page, expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_page.visiting import Visit, actions, button, hook, message, modal, plain, section, text_input
from tests.sandbox.town import Connect, Start, Town, until

SETTINGS = {
    "event_subscriptions": {"bot_events": ["app_home_opened"]},
    "interactivity": {"is_enabled": True},
    "socket_mode_enabled": True,
}
MANIFEST = {
    "display_information": {"name": "Rounds"},
    "features": {
        "app_home": {"home_tab_enabled": True},
        "slash_commands": [{"command": "/rounds", "description": "What is wrong", "usage_hint": "status | help"}],
        "shortcuts": [
            {"name": "Add to log", "type": "message", "callback_id": "log", "description": "Keep it"},
            {"name": "Run a check", "type": "global", "callback_id": "run", "description": "Search as you type"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "channels:read", "files:read"]}},
    "settings": SETTINGS,
}
STEPS = {"type": "static_select", "action_id": "step", "options": [{"text": plain("Step 2: Ben"), "value": "2"}]}
CHECKS = {"type": "external_select", "action_id": "check", "min_query_length": 2}


def labelled(block_id: str, label: str, element: dict[str, object], *, optional: bool = False) -> dict[str, object]:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, "optional": optional}


async def reach(page: Page, target: Locator, key: str = "Tab", *, most: int = 40) -> None:
    """Press a key until the focus is there."""
    for _ in range(most):
        if await target.evaluate("(node) => node === document.activeElement"):
            return
        await page.keyboard.press(key)
    await expect(target).to_be_focused()


async def test_a_day_without_a_mouse(start: Start, connect: Connect, visit: Visit) -> None:
    """Find a channel, read, open a thread, answer, press a button on a card, fill a form with an error in it, type a
    command with completion, go on as somebody else and use a shortcut."""
    town = await start(manifest=MANIFEST)
    bot = AsyncApp(client=town.client())

    @bot.action("escalate")
    async def escalate(ack, body, client) -> None:
        await ack()
        fields = (labelled("step", "To", STEPS), text_input("why", "Why"))
        await client.views_open(trigger_id=body["trigger_id"], view=modal(*fields))

    @bot.view("form")
    async def submitted(ack, view, client) -> None:
        values = view["state"]["values"]
        why = values["why"]["text"]["value"]
        if len(why) < 5:
            return await ack(response_action="errors", errors={"why": "Say a little more."})
        await ack()
        step = values["step"]["step"]["selected_option"]["text"]["text"]
        await client.chat_postMessage(channel="C2", text=f"Escalated to {step}: {why}")

    @bot.command("/rounds")
    async def rounds(ack, command) -> None:
        await ack(f"all is well, {command['user_name']}: {command['text']}")

    used: list[str] = []

    @bot.shortcut("log")
    async def log(ack, shortcut) -> None:
        used.append(f"{shortcut['user']['id']}: {shortcut['message']['text']}")
        await ack()

    await connect(town, bot)
    say = town.client().chat_postMessage
    await say(channel="C2", text="Good morning")
    buttons = actions(button("ack", "Acknowledge"), button("escalate", "Escalate"))
    card = [section("*#12 root-disk* is critical"), buttons]
    incident = (await say(channel="C2", text="#12 root-disk is critical", attachments=[{"blocks": card}]))["ts"]
    newest = (await say(channel="C2", text="Nobody has it yet"))["ts"]
    page = await visit(town, "?as=U1#C1")
    press, write = page.keyboard.press, page.keyboard.type
    main, composer = hook(page, "messages"), hook(page, "composer-input")

    # Find the channel: to the sidebar, down, in.
    await reach(page, hook(page, "sidebar").locator('[aria-current="page"]'), "F6")
    await press("ArrowDown")
    await press("Enter")
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()

    # Read: up from the newest message.
    await reach(page, message(page, newest), "F6")
    await press("ArrowUp")
    await expect(message(page, incident)).to_be_focused()

    # Open its thread and answer there; Escape leads back.
    await press("t")
    await expect(hook(page, "thread-composer-input")).to_be_focused()
    await write("I look at it")
    await press("Enter")
    await expect(hook(page, "thread").locator(".message")).to_have_count(2)
    await press("Escape")
    await expect(hook(page, "thread")).to_be_hidden()
    await expect(message(page, incident)).to_be_focused()

    # Press a button on its card: a form, wrong at first.
    await reach(page, message(page, incident).get_by_role("button", name="Escalate"))
    await press("Enter")
    form = hook(page, "modal")
    step = form.get_by_role("button", name="To: Choose an option")
    await expect(step).to_be_focused()
    await press("Enter")
    await write("ben")
    await press("Enter")
    await expect(form.get_by_role("button", name="To: Step 2: Ben")).to_be_focused()
    await press("Tab")
    await write("hm")
    await press("Enter")
    await expect(form.get_by_role("textbox", name="Why")).to_have_accessible_description("Say a little more.")
    await press("Control+a")
    await write("the disk fills up")
    await press("Enter")
    await expect(form).to_be_hidden()
    await expect(main).to_contain_text("Escalated to Step 2: Ben: the disk fills up")
    await expect(message(page, incident).get_by_role("button", name="Escalate")).to_be_focused()

    # A command, completed.
    await reach(page, composer, "F6")
    await write("/ro")
    await expect(hook(page, "completions").first.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await press("Tab")
    await write("status")
    await press("Enter")
    await expect(main).to_contain_text("all is well, ann: status")

    # Another person, and a shortcut on a message.
    await reach(page, hook(page, "person-switch"), "Shift+Tab")
    await press("Enter")
    await press("ArrowDown")
    await press("Enter")
    await expect(hook(page, "person-switch")).to_contain_text("Ben")
    await expect(hook(page, "person-switch")).to_be_focused()
    await reach(page, main.locator(".message").last, "F6")
    await press("m")
    await expect(page.get_by_role("menuitem", name="Add to log")).to_be_focused()
    await press("Enter")
    await until(lambda: used == ["U2: Escalated to Step 2: Ben: the disk fills up"])


async def test_a_shortcut_from_the_message_box_searches_as_one_types(
    start: Start, connect: Connect, visit: Visit
) -> None:
    town = await start(manifest=MANIFEST)
    bot = AsyncApp(client=town.client())
    ran: list[str] = []

    @bot.shortcut("run")
    async def run(ack, shortcut, client) -> None:
        await ack()
        current = {"type": "conversations_select", "action_id": "where", "default_to_current_conversation": True}
        fields = (labelled("check", "Check", CHECKS), labelled("where", "Tell", current))
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(*fields))

    @bot.options("check")
    async def checks(ack, payload) -> None:
        found = [name for name in ("root-disk", "root-cron", "queue") if payload["value"] in name]
        await ack(options=[{"text": plain(name), "value": name} for name in found])

    @bot.view("form")
    async def submitted(ack, view) -> None:
        await ack()
        values = view["state"]["values"]
        check, where = values["check"]["check"]["selected_option"]["value"], values["where"]["where"]
        ran.append(f"{check} in {where['selected_conversation']}")

    await connect(town, bot)
    page = await visit(town, "?as=U1#C2")
    press, write = page.keyboard.press, page.keyboard.type
    await reach(page, hook(page, "composer-input"), "F6")
    await write("/run")
    await expect(page.get_by_role("option", name="Run a check")).to_have_attribute("aria-selected", "true")
    await press("Enter")
    await expect(page.get_by_role("button", name="Check: Choose an option")).to_be_focused()
    await expect(page.get_by_role("button", name="Tell: #general")).to_be_visible()
    await press("Enter")
    await write("r")
    await expect(page.locator(".picker-empty")).to_have_text("Type at least 2 characters")
    await write("oot")
    await expect(page.get_by_role("option")).to_have_text(["root-disk", "root-cron"])
    await press("ArrowDown")
    await press("Enter")
    await reach(page, hook(page, "modal-submit"))
    await press("Enter")
    await until(lambda: ran == ["root-cron in C2"])
    await expect(hook(page, "composer-input")).to_be_focused()


async def test_one_jumps_anywhere_by_name(town: Town, visit: Visit) -> None:
    await town.client().chat_postMessage(channel="C2", text="unread")
    page = await visit(town, "?as=U1#C1")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_contain_text("general")
    await page.keyboard.type("home")
    await page.keyboard.press("Enter")
    await expect(hook(page, "home")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(hook(page, "keys")).to_have_count(0)


async def test_f6_goes_round_the_parts_both_ways(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="root"))["ts"]
    page = await visit(town, f"?as=U1&traffic#C1/{ts}")
    focused = "document.activeElement.dataset.testid ?? document.activeElement.ariaLabel"
    await expect(hook(page, "thread-composer-input")).to_be_focused()
    round_ = ["Filter the traffic", "operations", "message", "composer-input", "message", "thread-composer-input"]
    seen = []
    for _ in round_:
        await page.keyboard.press("F6")
        seen.append(await page.evaluate(focused))
    assert seen == round_
    back = []
    for _ in round_:
        await page.keyboard.press("Shift+F6")
        back.append(await page.evaluate(focused))
    assert back == [*reversed(round_[:-1]), round_[-1]]


async def test_a_reaction_is_found_by_name(town: Town, visit: Visit) -> None:
    ts = (await town.client().chat_postMessage(channel="C1", text="done"))["ts"]
    page = await visit(town)
    await reach(page, message(page, ts), "F6")
    await page.keyboard.press("r")
    await page.keyboard.type("tada")
    await page.keyboard.press("Enter")
    await expect(message(page, ts).locator('[data-reaction="tada"]')).to_be_visible()
