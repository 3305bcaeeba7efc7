"""Modals and the Home tab: what the bot opens, what people enter, what comes back."""

from playwright.async_api import expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_page.visiting import Visit, actions, button, hook, message, modal, plain, section, text_input
from tests.sandbox.town import Connect, Town


async def test_a_modal_shows_errors_keeps_what_was_typed_and_closes(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    saved: list[str] = []

    @bot.action("snooze")
    async def snooze(ack, body, client) -> None:
        await ack()
        form = modal(
            text_input("why", "Why"), text_input("note", "Note", optional=True, hint=plain("For the timeline"))
        )
        await client.views_open(trigger_id=body["trigger_id"], view=form)

    @bot.view("form")
    async def submitted(ack, view) -> None:
        words = view["state"]["values"]["why"]["text"]["value"]
        if len(words) < 5:
            await ack(response_action="errors", errors={"why": "Say a little more."})
        else:
            saved.append(words)
            await ack()

    await connect(town, bot)
    blocks = [actions(button("snooze", "Snooze"))]
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=blocks))["ts"]
    page = await visit(town)
    await message(page, ts).get_by_role("button", name="Snooze").click()
    dialog = hook(page, "modal")
    why = dialog.get_by_label("Why")
    await expect(why).to_be_focused()
    await dialog.get_by_label("Note (optional)").fill("kept")
    await hook(page, "modal-submit").click()
    await expect(dialog.locator(".field-error:visible")).to_have_text(["Please complete this required field."])
    await why.fill("hm")
    await why.press("Enter")
    await expect(dialog.locator(".field-error:visible")).to_have_text(["Say a little more."])
    await expect(why).to_have_attribute("aria-invalid", "true")
    await expect(why).to_be_focused()
    await expect(dialog.get_by_label("Note (optional)")).to_have_value("kept")
    await why.fill("waiting for the volume")
    await hook(page, "modal-submit").click()
    await expect(dialog).to_be_hidden()
    await expect(message(page, ts).get_by_role("button", name="Snooze")).to_be_focused()
    assert saved == ["waiting for the volume"]


async def test_stacked_modals_go_back_one_at_a_time(town: Town, bot: AsyncApp, connect: Connect, visit: Visit) -> None:
    @bot.action("open")
    async def open_(ack, body, client) -> None:
        await ack()
        await client.views_open(
            trigger_id=body["trigger_id"], view=modal(section("first"), actions(button("deeper", "Deeper")))
        )

    @bot.action("deeper")
    async def deeper(ack, body, client) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=modal(section("second"), callback_id="two"))

    await connect(town, bot)
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=[actions(button("open", "Open"))]))["ts"]
    page = await visit(town)
    await message(page, ts).get_by_role("button", name="Open").click()
    dialog = hook(page, "modal")
    await dialog.get_by_role("button", name="Deeper").click()
    await expect(dialog).to_contain_text("second")
    await hook(page, "modal-back").click()
    await expect(dialog).to_contain_text("first")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_the_home_is_published_when_it_is_opened(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    @bot.event("app_home_opened")
    async def opened(event, client) -> None:
        blocks = [section(f"Good morning, {event['user']}")]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    await connect(town, bot)
    page = await visit(town, "?as=U2#home")
    await expect(hook(page, "home")).to_contain_text("Good morning, U2")
    await hook(page, "person-switch").click()
    await page.get_by_role("menuitemradio", name="Chi").click()
    await expect(hook(page, "home")).to_contain_text("Good morning, U3")
