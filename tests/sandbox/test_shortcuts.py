"""Shortcuts and suggested options, with a manifest that has them."""

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from tests.sandbox.town import Connect, Json, Start, Town, until

PLAIN = {"type": "plain_text", "text": "x"}
MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True},
        "slash_commands": [{"command": "/rounds", "description": "d"}],
        "shortcuts": [
            {"name": "Create incident", "type": "message", "callback_id": "create", "description": "d"},
            {"name": "Run a check", "type": "global", "callback_id": "run", "description": "d"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:history"]}},
    "settings": {"interactivity": {"is_enabled": True}, "socket_mode_enabled": True},
}


@pytest.fixture
async def town(start: Start) -> Town:
    return await start(manifest=MANIFEST)


async def test_a_shortcut_works_on_a_message_in_a_thread(town: Town, bot: AsyncApp, connect: Connect) -> None:
    seen: list[Json] = []

    @bot.shortcut("create")
    async def create(ack, body, respond) -> None:
        await ack()
        seen.append(body)
        await respond("noted", response_type="in_channel")

    await connect(town, bot)
    parent = (await town.control("message", as_="U1", channel="C1", text="disk full"))["ts"]
    reply = (await town.control("message", as_="U2", channel="C1", text="again", thread_ts=parent))["ts"]
    assert (await town.control("shortcut", as_="U1", callback_id="create", channel="C1", ts=reply))["acked"]
    await until(lambda: town.sent("response_url"))
    assert (seen[0]["type"], seen[0]["message_ts"], seen[0]["message"]["thread_ts"]) == (
        "message_action",
        reply,
        parent,
    )
    assert await town.texts("C1") == ["disk full", "again", "noted"]


async def test_a_global_shortcut_opens_a_modal_and_has_no_response_url(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.shortcut("run")
    async def run(ack, body, client) -> None:
        await ack()
        assert "response_url" not in body
        view = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    await connect(town, bot)
    assert (await town.control("shortcut", as_="U1", callback_id="run"))["acked"]
    await until(lambda: town.slack.views.top("U1"))


async def test_a_shortcut_of_the_wrong_kind_is_refused(town: Town) -> None:
    assert (await town.try_control("shortcut", as_="U1", callback_id="create"))[0] == 400
    assert (await town.try_control("shortcut", as_="U1", callback_id="run", channel="C1", ts="1.2"))[0] == 400
    assert (await town.try_control("shortcut", as_="U1", callback_id="other"))[0] == 404


async def test_options_are_suggested_and_can_then_be_chosen(town: Town, bot: AsyncApp, connect: Connect) -> None:
    option = {"text": {"type": "plain_text", "text": "disk-db1"}, "value": "disk"}
    chosen: list[Json] = []

    @bot.options("which")
    async def suggest(ack, payload) -> None:
        await ack(options=[option] if payload["value"] == "dis" else [{"nonsense": 1}])

    @bot.view("pick")
    async def picked(ack, view) -> None:
        chosen.append(view["state"]["values"]["b"]["which"]["selected_option"])
        await ack()

    await connect(town, bot)
    element = {"type": "external_select", "action_id": "which", "min_query_length": 2}
    blocks = [{"type": "input", "block_id": "b", "label": PLAIN, "element": element}]
    view = {"type": "modal", "callback_id": "pick", "title": PLAIN, "submit": PLAIN, "blocks": blocks}
    opened = await town.client().views_open(trigger_id=town.slack.triggers.make("U1"), view=view)
    where = {"as_": "U1", "view_id": opened["view"]["id"]}
    asked = {**where, "block_id": "b", "action_id": "which"}
    assert (await town.control("suggest", **asked, value="d"))["options"] == []
    assert (await town.control("suggest", **asked, value="xyz"))["options"] == []
    assert (await town.try_control("submit", **where, values={"b": {"which": "disk"}}))[0] == 400
    assert (await town.control("suggest", **asked, value="dis"))["options"] == [option]
    assert (await town.control("submit", **where, values={"b": {"which": "disk"}}))["acked"]
    assert chosen == [option]


async def test_shortcuts_need_the_scope_for_commands(start: Start) -> None:
    town = await start(manifest=MANIFEST, scopes=["chat:write"])
    status, answer = await town.try_control("shortcut", as_="U1", callback_id="run")
    assert (status, answer["error"]) == (403, "The app has no scope for shortcuts, which is commands.")


async def test_without_interactivity_nothing_that_people_press_reaches_the_bot(start: Start, connect: Connect) -> None:
    town = await start(manifest=MANIFEST | {"settings": {"socket_mode_enabled": True}})
    bot = AsyncApp(client=town.client())
    await connect(town, bot)
    assert not (await town.control("shortcut", as_="U1", callback_id="run"))["acked"]
    toast = (await town.get("state"))["toasts"][-1]
    assert (toast["for"], toast["text"]) == ("U1", 'Run a check failed with the error "dispatch_failed".')
    assert not town.sent("shortcut")


async def test_without_socket_mode_a_connection_is_told_so(start: Start) -> None:
    town = await start(manifest=MANIFEST | {"settings": {}})
    socket = await town.socket()
    told = await socket.receive_json()
    assert (told["type"], told["reason"]) == ("disconnect", "link_disabled")
    await socket.close()


async def test_an_app_without_a_messages_tab_cannot_be_written_to_nor_write(start: Start) -> None:
    tab = {"home_tab_enabled": True, "messages_tab_enabled": False}
    town = await start(manifest=MANIFEST | {"features": {"app_home": tab}})
    assert (await town.try_control("message", as_="U1", channel="D1", text="hi"))[0] == 403
    with pytest.raises(SlackApiError) as caught:
        await town.client().chat_postMessage(channel="U1", text="hi")
    assert caught.value.response["error"] == "messages_tab_disabled"
    bot = (await town.get("state"))["bot"]
    assert (bot["home_tab"], bot["messages_tab"], bot["messages_open"]) == (True, False, False)
