"""Forms that people fill on the page: files, current values, limited choices, and what is kept."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
from slack_bolt.async_app import AsyncApp

from tests.sandbox.test_page.visiting import Visit, hook, message, modal, plain, text_input
from tests.sandbox.town import Connect, Json, Town, until

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def field(block_id: str, **element: Any) -> Json:
    element = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element}


async def opened(town: Town, *blocks: Json) -> None:
    """A form for Ann, as if she had asked for it in #operations."""
    trigger = town.slack.triggers.make("U1", channel="C1")
    await town.client().views_open(trigger_id=trigger, view=modal(*blocks))


async def choose_files(page: Page, where: str, *files: Path) -> None:
    await page.locator(f"{where} input[type=file]").set_input_files(list(files))


async def test_files_are_sent_with_a_form(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit, tmp_path: Path
) -> None:
    seen: list[Json] = []

    @bot.view("form")
    async def submitted(ack, view) -> None:
        await ack()
        seen.extend(view["state"]["values"]["evidence"]["evidence"]["files"])

    await connect(town, bot)
    await opened(town, field("evidence", type="file_input", filetypes=["png"], max_files=2))
    page = await visit(town, "?as=U1#C1")
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for path in paths:
        path.write_bytes(PNG)
    await hook(page, "modal-submit").click()
    await expect(page.get_by_text("Please complete this required field.")).to_be_visible()
    await choose_files(page, "#modal", *paths)
    chosen = page.get_by_role("list", name="Chosen files").get_by_role("listitem")
    await expect(chosen).to_have_count(2)
    await expect(page.locator("#toasts")).to_contain_text("At most 2 files")
    await page.get_by_role("button", name="Remove a.png").click()
    await expect(chosen).to_have_text(["b.png 48 B"])
    await hook(page, "modal-submit").click()
    await until(lambda: [file["name"] for file in seen] == ["b.png"])
    assert seen[0]["user"] == "U1"


async def test_files_are_sent_with_a_message_and_shown(town: Town, visit: Visit, tmp_path: Path) -> None:
    page = await visit(town, "?as=U1#C1")
    (tmp_path / "notes.md").write_text("# Log\n" + "line\n" * 20)
    (tmp_path / "empty.txt").write_bytes(b"")
    await choose_files(page, '[data-testid="composer"]', tmp_path / "notes.md", tmp_path / "empty.txt")
    await expect(page.locator("#toasts")).to_contain_text("empty.txt: A file has 1 to")
    await expect(page.get_by_role("list", name="Chosen files").get_by_role("listitem")).to_have_count(1)
    await page.get_by_role("button", name="Send").click()
    sent = hook(page, "messages").locator(".message")
    await expect(sent.get_by_role("link", name="notes.md")).to_be_visible()
    await expect(sent.locator(".snippet code")).to_contain_text("# Log")
    await expect(sent.locator(".snippet code")).to_contain_text("…")
    await expect(page.get_by_role("list", name="Chosen files")).to_have_count(0)


async def test_the_reader_stays_at_the_end_while_pictures_load(town: Town, visit: Visit) -> None:
    await town.control("times", mimetype=0)
    page = await visit(town, "?as=U1#C1")
    for at in range(12):
        await town.control("message", as_="U2", channel="C1", text=f"line {at}")
    await town.client().files_upload_v2(channel="C1", filename="p95.png", content=picture(600, 900), alt_txt="rising")
    await page.wait_for_function("""() => {
        const node = document.getElementById('messages');
        const loaded = node.querySelector('img')?.naturalHeight === 900;
        return loaded && node.scrollHeight - node.scrollTop - node.clientHeight < 2;
    }""")


def picture(width: int, height: int) -> bytes:
    """A grey PNG of that size."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_a_select_offers_what_its_filter_lets_through(town: Town, visit: Visit) -> None:
    await opened(town, field("room", type="conversations_select", filter={"include": ["private"]}))
    page = await visit(town, "?as=U1#C1")
    await page.get_by_role("button", name="Room: Choose an option").click()
    await expect(page.get_by_role("option")).to_have_text(["#platform-team"])


async def test_no_more_are_chosen_than_allowed(town: Town, visit: Visit) -> None:
    await opened(town, field("people", type="multi_users_select", max_selected_items=2))
    page = await visit(town, "?as=U1#C1")
    await page.get_by_role("button", name="People: Choose options").click()
    for name in ("Ann", "Ben", "Chi"):
        await page.get_by_role("option", name=name).click()
    await expect(page.get_by_role("option", selected=True)).to_have_text(["Ann@ann", "Ben@ben"])
    await expect(page.locator("#live")).to_contain_text("At most 2 can be chosen.")


async def test_the_conversation_a_form_was_opened_from_is_chosen_already(town: Town, visit: Visit) -> None:
    await opened(town, field("room", type="conversations_select", default_to_current_conversation=True))
    page = await visit(town, "?as=U1#C2")
    await expect(page.get_by_role("button", name="Room: #operations")).to_be_visible()


async def test_what_was_told_of_a_form_survives_a_reload(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    """A field that dispatches has told its value; the sandbox knows it even when the page forgets."""

    @bot.action("step")
    async def chosen(ack) -> None:
        await ack()

    await connect(town, bot)
    options = [{"text": plain(word), "value": word} for word in ("one", "two")]
    step = field("step", type="static_select", options=options, initial_option=options[0]) | {"dispatch_action": True}
    await opened(town, step, text_input("why", "Why"))
    page = await visit(town, "?as=U1#C1")
    await page.get_by_role("button", name="Step: one").click()
    await page.get_by_role("option", name="two").click()
    await until(lambda: town.sent("block_actions"))
    await page.reload()
    await expect(page.get_by_role("button", name="Step: two")).to_be_visible()


async def test_a_button_in_an_attachment_reaches_the_bot(
    town: Town, bot: AsyncApp, connect: Connect, visit: Visit
) -> None:
    seen: list[Json] = []

    @bot.action("ack")
    async def acknowledged(ack, body) -> None:
        await ack()
        seen.append(body["container"])

    await connect(town, bot)
    press = {"type": "button", "action_id": "ack", "text": plain("Acknowledge")}
    attachments = [{"color": "#d0313d", "blocks": [{"type": "actions", "elements": [press]}]}]
    ts = (await town.client().chat_postMessage(channel="C1", text="#12", attachments=attachments))["ts"]
    page = await visit(town)
    await message(page, ts).get_by_role("button", name="Acknowledge").click()
    await until(lambda: [one["attachment_id"] for one in seen] == [1])
    await expect(message(page, ts).locator(".failed")).to_have_count(0)
